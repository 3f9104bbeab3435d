#pragma once

#include <filesystem>
#include <string>

#include "nasmyth/data/dataset.h"
#include "nasmyth/search/run_directory.h"

namespace nasmyth::test {

/// What a sample run is made of.
struct SampleRun {
  int seed = 1;
  std::string epochs = "2";    ///< search.epochs
  bool tested = true;          ///< result.json and what comes with it
  std::string word = "small";  ///< stands where users may write texts: names, paths
  int mistakes = 3;            ///< of 12 test images
  bool network = true;         ///< network.json
};

/// Writes the files of a run of 12 test images in three classes, as the program writes them.
RunDirectory write_sample_run(const std::filesystem::path& path, const SampleRun& sample = {});

/// The test images of a sample run.
DatasetPair sample_data(const std::string& word = "small");

}  // namespace nasmyth::test
