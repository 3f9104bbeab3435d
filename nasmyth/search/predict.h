#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "nasmyth/data/dataset.h"
#include "nasmyth/engine/executor.h"
#include "nasmyth/search/run_directory.h"

namespace nasmyth {

/// What a trained network was made for: the shape and the normalisation of its input, the names of
/// its classes. A run keeps it as data.json.
struct NetworkData {
  int channels = 0, height = 0, width = 0;
  std::vector<double> mean, deviation;  ///< per channel, in units of value * scale
  std::vector<std::string> classes;
  double scale = 1.0 / 255;  ///< 1 for values that were no bytes
  std::string layout = {};   ///< of the array that the network was trained on; empty for pictures
};
NetworkData network_data(const Dataset& data);
std::string to_json(const NetworkData& data);
/// Throws kInvalidData naming `where`.
NetworkData network_data_from_json(std::string_view text, std::string_view where);

/// What a network says about one picture, or one sample of an array.
struct Prediction {
  std::string picture;  ///< path; of one of several samples "signals.npy[3]"
  std::string fault;    ///< why it could not be read; the rest is then empty
  /// Classes and their probabilities, the most probable first.
  std::vector<std::pair<std::string, double>> classes;
};

/// The classes of pictures (PNG, JPEG) and of the samples of arrays (.npy, .npz) by the trained
/// network of a run, in the order of the files. Pictures are brought to the network's size (scaled
/// to cover it, then the centre) and colours; samples must have its shape. Throws kIo for a run
/// without a trained network; files that cannot be read are no error.
std::vector<Prediction> predict(const RunDirectory& directory, Executor& executor,
                                const std::vector<std::filesystem::path>& pictures);

}  // namespace nasmyth
