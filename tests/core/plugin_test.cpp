#include "nasmyth/core/plugin.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth::test {
namespace {

std::string error_of(const std::filesystem::path& path, ErrorKind kind) {
  try {
    load_plugin(path);
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "no error for " << path;
  return {};
}

// Builds a shared library from source with the compiler at hand; empty where there is none.
std::filesystem::path build(const TemporaryDirectory& folder, const std::string& name,
                            const std::string& source) {
  const auto from = folder / (name + ".cpp"), to = folder / (name + ".so");
  write_file_atomic(from, source);
  const std::string command =
      "c++ -std=c++20 -shared -fPIC -o '" + to.string() + "' '" + from.string() + "' 2> /dev/null";
  return std::system(command.c_str()) == 0 ? to : std::filesystem::path();
}

std::string plugin_source(std::string_view abi) {
  return "int registered = 0;\n"
         "extern \"C\" const char* nasmyth_plugin_abi() { return \"" +
         std::string(abi) +
         "\"; }\n"
         "extern \"C\" void nasmyth_register(void*) { if (++registered > 1) throw 1; }\n";
}

TEST(Plugin, MissingFileSaysHowToBuildIt) {
  const TemporaryDirectory folder;
  const auto text = error_of(folder / "libnothing.so", ErrorKind::kIo);
  EXPECT_NE(text.find("make program"), std::string::npos) << text;
}

TEST(Plugin, NoLibraryAtAll) {
  const TemporaryDirectory folder;
  write_file_atomic(folder / "text.so", "no library");
  error_of(folder / "text.so", ErrorKind::kUnsupported);
}

TEST(Plugin, EntryPointsAndVersion) {
  const TemporaryDirectory folder;
  const auto foreign = build(folder, "foreign", "int x = 0;\n");
  if (foreign.empty()) GTEST_SKIP() << "no compiler";
  error_of(foreign, ErrorKind::kInvalidData);
  const auto old = build(folder, "old", plugin_source("nasmyth 0.0.1, gcc 2.95, libstdc++ 2"));
  const auto text = error_of(old, ErrorKind::kUnsupported);
  EXPECT_NE(text.find("gcc 2.95"), std::string::npos) << text;
  EXPECT_NE(text.find(std::string(plugin_abi())), std::string::npos) << text;
  const auto good = build(folder, "good", plugin_source(plugin_abi()));
  load_plugin(good);
  EXPECT_NO_THROW(load_plugin(good));  // registers once
}

TEST(Plugin, SearchPath) {
  const TemporaryDirectory folder;
  write_file_atomic(folder / "libsearched.so", "");
  try {
    find_plugin("libsearched.so");
    ADD_FAILURE() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::kIo);
    EXPECT_NE(std::string(e.what()).find(binary_dir().string()), std::string::npos) << e.what();
  }
  setenv("NASMYTH_PLUGIN_PATH", folder.path().c_str(), 1);
  EXPECT_EQ(find_plugin("libsearched.so"), folder / "libsearched.so");
  unsetenv("NASMYTH_PLUGIN_PATH");
}

}  // namespace
}  // namespace nasmyth::test
