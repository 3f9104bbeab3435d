#include "nasmyth/core/environment.h"

#include <sys/utsname.h>

#include <cstdlib>
#include <sstream>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/text.h"
#include "nasmyth/core/version.h"

namespace nasmyth {
namespace {

// The value of the first line `key : value`.
std::string value_of(const std::string& text, std::string_view key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && trim(std::string_view(line).substr(0, colon)) == key)
      return std::string(trim(std::string_view(line).substr(colon + 1)));
  }
  return {};
}

// Empty where it is absent.
std::string system_file(const char* path) {
  try {
    return read_file(path);
  } catch (const Error&) {
    return {};
  }
}

// Those that numeric libraries choose their code by.
std::string instruction_sets(const std::string& flags) {
  std::string found;
  std::istringstream words(flags);
  for (std::string word; words >> word;)
    if (word.starts_with("avx") || word.starts_with("amx") || word == "fma" || word == "sse4_2" ||
        word == "asimd" || word.starts_with("sve"))
      found += (found.empty() ? "" : " ") + word;
  return found;
}

std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }

}  // namespace

std::vector<std::pair<std::string, std::string>> environment() {
  const std::string info = system_file("/proc/cpuinfo");
  utsname system{};
  const bool named = ::uname(&system) == 0;
  std::string flags = value_of(info, "flags");
  if (flags.empty()) flags = value_of(info, "Features");
  return {{"program", std::string(version())},
          {"compiler", __VERSION__},
          {"system", named ? std::string(system.sysname) + " " + system.machine : "unknown"},
          {"processor", or_unknown(value_of(info, "model name"))},
          {"instruction_sets", or_unknown(instruction_sets(flags))}};
}

double peak_memory_bytes() {
  const std::string line = value_of(system_file("/proc/self/status"), "VmHWM");
  return 1024 * std::strtod(line.c_str(), nullptr);  // "123456 kB"
}

}  // namespace nasmyth
