#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// Plug-in libraries add entries to the registries of libnasmyth.so. One exports two C functions:
//
//   const char* nasmyth_plugin_abi();               returns NASMYTH_PLUGIN_ABI
//   void nasmyth_register(nasmyth::Registries&);    adds to the registries by their accessors
//
// C++ types cross the border, so both sides must come from the same version, compiler and standard
// library: the text must be equal, letter by letter.

#define NASMYTH_TEXT_OF_(x) #x
#define NASMYTH_TEXT_OF(x) NASMYTH_TEXT_OF_(x)
#if defined(__clang__)
#define NASMYTH_COMPILER_TEXT "clang " __clang_version__
#else
#define NASMYTH_COMPILER_TEXT "gcc " __VERSION__
#endif
#if defined(_LIBCPP_VERSION)
#define NASMYTH_LIBRARY_TEXT "libc++ " NASMYTH_TEXT_OF(_LIBCPP_VERSION)
#else
#define NASMYTH_LIBRARY_TEXT \
  "libstdc++ " NASMYTH_TEXT_OF(_GLIBCXX_RELEASE) " abi " NASMYTH_TEXT_OF(_GLIBCXX_USE_CXX11_ABI)
#endif
/// What a plug-in answers; NASMYTH_VERSION is given by the build (by the package `nasmyth` that
/// `cmake --install` makes, or by that of the checkout).
#define NASMYTH_PLUGIN_ABI \
  "nasmyth " NASMYTH_VERSION ", " NASMYTH_COMPILER_TEXT ", " NASMYTH_LIBRARY_TEXT

namespace nasmyth {

/// Proof that registration was asked for by load_plugin. Plug-ins add to the registries by their
/// accessors (`executors()` ...), of which there is one copy, in libnasmyth.so.
class Registries {
 public:
  Registries(const Registries&) = delete;
  Registries& operator=(const Registries&) = delete;

 private:
  Registries() = default;
  friend void load_plugin(const std::filesystem::path& path);
};

/// What this program expects of a plug-in: version, compiler, standard library.
std::string_view plugin_abi();

/// The plug-in `library` ("libnasmyth_torch.so"): beside libnasmyth.so, beside the program, then in
/// the folder that the environment variable NASMYTH_PLUGIN_PATH names. Throws kIo with the places
/// searched and how to build it.
std::filesystem::path find_plugin(std::string_view library);

/// Loads a plug-in and lets it register; a second call for the same file does nothing. Libraries
/// are never closed. Throws kIo (missing), kInvalidData (no plug-in) or kUnsupported (it cannot be
/// loaded, or was built for another version, compiler or standard library). Not thread-safe.
void load_plugin(const std::filesystem::path& path);

/// Loads a plug-in that a user asked for (--plugin, key `plugins`) and remembers its absolute path:
/// runs write it down. As load_plugin otherwise.
void request_plugin(const std::filesystem::path& path);

/// The plug-ins that were asked for, in order, each once.
const std::vector<std::string>& requested_plugins();

/// Defines the two functions of a plug-in around the body of its registration:
///
///   NASMYTH_PLUGIN() { nasmyth::metrics().add("mine", {"help", &mine}); }
#define NASMYTH_PLUGIN()                                                     \
  extern "C" const char* nasmyth_plugin_abi() { return NASMYTH_PLUGIN_ABI; } \
  extern "C" void nasmyth_register([[maybe_unused]] nasmyth::Registries& registries)

}  // namespace nasmyth
