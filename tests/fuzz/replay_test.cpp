// Every seed and every kept input of the fuzz targets, once. (tests/fuzz/fuzz.py looks for more.)
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "nasmyth/core/file.h"
#include "nasmyth/core/random.h"
#include "tests/fuzz/targets.h"
#include "tests/support/paths.h"

namespace nasmyth::test {
namespace {

namespace fs = std::filesystem;

fs::path corpus() { return source_dir() / "tests/fuzz/corpus"; }

void run(const FuzzTarget& target, std::string_view bytes) {
  target.run({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
}

class FuzzReplay : public testing::TestWithParam<FuzzTarget> {};

INSTANTIATE_TEST_SUITE_P(Targets, FuzzReplay, testing::ValuesIn(fuzz_targets()),
                         [](const auto& info) { return info.param.name; });

TEST_P(FuzzReplay, KeptInputs) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(corpus() / GetParam().name))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    SCOPED_TRACE(file.string());
    run(GetParam(), read_file(file));
  }
}

// Seeds whole, cut short, and with single bytes changed.
TEST_P(FuzzReplay, Seeds) {
  constexpr int kChanges = 40;
  RandomStream random = RandomStream(1).fork(GetParam().name);
  for (const std::string& seed : GetParam().seeds()) {
    run(GetParam(), seed);
    for (int i = 0; i < kChanges && !seed.empty(); ++i) {
      std::string changed = seed;
      changed[random.below(seed.size())] = static_cast<char>(random.below(256));
      run(GetParam(), changed);
      run(GetParam(), std::string_view(seed).substr(0, random.below(seed.size())));
    }
  }
}

TEST(FuzzTargets, HaveAFolderEach) {
  std::set<std::string> folders, names;
  for (const auto& entry : fs::directory_iterator(corpus()))
    folders.insert(entry.path().filename().string());
  for (const auto& target : fuzz_targets()) names.insert(target.name);
  EXPECT_EQ(folders, names);
}

}  // namespace
}  // namespace nasmyth::test
