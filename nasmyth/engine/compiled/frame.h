#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/engine/compiled/memory_plan.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/kernels/convolution.h"
#include "nasmyth/kernels/image.h"

namespace nasmyth::compiled {

using BufferId = int;

/// One parameter as a node reads it, in the memory of the ParameterStore and of the gradients.
template <class T>
struct BoundParameter {
  int entry = -1;  ///< of the store
  WeightView<T> value;
  WeightView<T> gradient;  ///< no data where none is wanted
};

/// All that the instructions of a program read and write in one step.
template <class T>
struct Frame {
  const Batch* batch = nullptr;
  const ChoiceWeights* weights = nullptr;
  const Scalars* scalars = nullptr;
  RandomStream random;
  StepResult* result = nullptr;  ///< loss, outputs and site_gradients are filled

  Chunks chunks{1};
  std::byte* arena = nullptr;
  const std::vector<std::int64_t>* offsets = nullptr;
  const std::vector<Buffer>* buffers = nullptr;

  std::vector<BoundParameter<T>> parameters;
  std::vector<char> touched;  ///< entries of the store that received a gradient
  double loss_factor = 1;     ///< 1 / sum of the weights of the targets' classes

  /// The part of a buffer that belongs to one image, one chunk, or all of it.
  template <class U = T>
  U* image(BufferId id, std::int64_t n) const {
    return at<U>(id, (*buffers)[static_cast<std::size_t>(id)].each_image * n);
  }
  template <class U = T>
  U* chunk(BufferId id, int c) const {
    return at<U>(id, (*buffers)[static_cast<std::size_t>(id)].each_chunk * c);
  }
  template <class U = T>
  U* whole(BufferId id) const {
    return at<U>(id, 0);
  }

 private:
  template <class U>
  U* at(BufferId id, std::int64_t bytes) const {
    return reinterpret_cast<U*>(arena + (*offsets)[static_cast<std::size_t>(id)] + bytes);
  }
};

/// One kernel call. The parts run in this order: `before` once, `image` for all images (chunks of
/// the batch in parallel), `after` once.
template <class T>
struct Instruction {
  std::string_view kernel;
  int node = -1;               ///< of the expanded graph; it runs where this is live
  int site = -1, option = -1;  ///< it runs where this input of a select is active; -1: always
  std::vector<BufferId> reads, writes;
  std::vector<int> gradients;  ///< nodes whose gradient it adds to: zero-filled before the first
  int upstream = -1;           ///< node whose gradient it needs; it runs where that was written
  BufferId partial = -1;       ///< zero-filled for each chunk
  std::function<void(Frame<T>&)> before;
  std::function<void(Frame<T>&, int chunk, std::int64_t image)> image;
  std::function<void(Frame<T>&)> after;
};

}  // namespace nasmyth::compiled
