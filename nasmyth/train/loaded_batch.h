#pragma once

#include <string>

#include "nasmyth/data/dataset.h"
#include "nasmyth/data/loader.h"
#include "nasmyth/engine/executor.h"

namespace nasmyth {

/// A loaded batch as an executor takes it, its images under the name `input`. Views into `loaded`,
/// which must outlive the result.
inline Batch as_batch(const LoadedBatch& loaded, const Dataset& dataset, const std::string& input) {
  Batch batch;
  batch.inputs[input] = {loaded.images.data(),
                         {loaded.size, dataset.channels, dataset.height, dataset.width}};
  batch.targets = std::span(loaded.targets).first(static_cast<std::size_t>(loaded.size));
  batch.size = loaded.size;
  return batch;
}

}  // namespace nasmyth
