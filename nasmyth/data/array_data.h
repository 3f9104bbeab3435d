#pragma once

#include <filesystem>
#include <string>

#include "nasmyth/core/options.h"
#include "nasmyth/data/array_layout.h"
#include "nasmyth/data/dataset.h"

namespace nasmyth {

/// How arrays become a data set.
struct ArrayDataOptions {
  std::string layout = "auto";
  std::string labels;
  double test = 0.2;
};
void describe(OptionFields<ArrayDataOptions>& fields);

/// NumPy arrays: an .npz archive, a folder of .npy files, or one .npy file of samples with that of
/// their labels in the options. Samples and labels are found by their names (x, y; x_train,
/// y_train, x_test, y_test; images, labels and others). Without test arrays each class gives a part
/// of its samples, the same ones in every run. Samples with numbers that are not finite and classes
/// without a training sample are left out and named in the `faults` of the pair; what was done to
/// the others is said in its `remarks`. Throws kIo where there is nothing, kInvalidData and kShape
/// for what does not fit together.
DatasetPair read_arrays(const std::filesystem::path& path, const ArrayDataOptions& options);

/// Whether read_arrays would find a file or folder there.
bool has_arrays(const std::filesystem::path& path);

/// What samples of an array must be, to be given to a network.
struct SampleForm {
  std::int64_t channels = 1, height = 1, width = 1;
  std::string layout;  ///< of the data that the network was trained on; empty: by the rule
  bool bytes = false;  ///< the network was trained on bytes: whole numbers from 0 to 255
};

/// Samples of an .npy file, or of an .npz file with one array or one of samples, as numbers
/// [count, channels, height, width]: a single sample without the axis n, or many. Throws kShape
/// where they are not of the form.
std::vector<float> read_samples(const std::filesystem::path& path, const SampleForm& form);

}  // namespace nasmyth
