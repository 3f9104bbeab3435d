#pragma once

// Precompiled header of libnasmyth_torch: tensors, autograd, devices. LibTorch's headers are
// expensive; they are included here and nowhere else. torch::nn and torch::optim are left out.

#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>
