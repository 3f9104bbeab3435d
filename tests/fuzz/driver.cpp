// What libFuzzer calls. The first argument of the program is the name of a target; `--seeds FOLDER`
// after it writes the target's seeds there and ends.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/fuzz/targets.h"

namespace {

const nasmyth::test::FuzzTarget* target = nullptr;

int write_seeds(const std::string& folder) {
  int number = 0;
  for (const auto& seed : target->seeds())
    std::ofstream(folder + "/seed-" + std::to_string(number++), std::ios::binary) << seed;
  return 0;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  char** words = *arguments;
  if (*count >= 2) target = nasmyth::test::find_fuzz_target(words[1]);
  if (target == nullptr) {
    std::fprintf(stderr, "usage: %s TARGET [--seeds FOLDER | libFuzzer's arguments]\n", words[0]);
    for (const auto& known : nasmyth::test::fuzz_targets())
      std::fprintf(stderr, "  %s\n", known.name.c_str());
    std::exit(2);
  }
  if (*count == 4 && std::string_view(words[2]) == "--seeds") std::exit(write_seeds(words[3]));
  words[1] = words[0];
  ++*arguments;
  --*count;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target->run({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
