#pragma once

#include <string>

#include "nasmyth/onnx/model.h"

namespace nasmyth::test {

/// A small model with one of everything that OnnxModel has room for.
OnnxModel rich_model();

/// What is wrong with a model's names, or nothing: values and nodes have distinct names, every
/// value is defined before it is read, outputs are defined.
std::string name_fault(const OnnxModel& model);

/// Greatest number of bytes that operator new held at once since the last call of
/// `reset_peak_memory`, above what it held then.
std::size_t peak_memory();
void reset_peak_memory();

}  // namespace nasmyth::test
