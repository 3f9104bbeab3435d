#include "nasmyth/core/plugin.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <system_error>
#include <vector>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRemedy =
    "build it with `make program`, or name its folder in NASMYTH_PLUGIN_PATH";

std::vector<fs::path> search_folders() {
  std::vector<fs::path> folders;
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&plugin_abi), &info) != 0 && info.dli_fname)
    folders.push_back(fs::absolute(info.dli_fname).parent_path());
  std::error_code ignored;
  if (const fs::path program = fs::read_symlink("/proc/self/exe", ignored); !program.empty())
    folders.push_back(program.parent_path());
  if (const char* path = std::getenv("NASMYTH_PLUGIN_PATH"); path && *path)
    folders.emplace_back(path);
  return folders;
}

template <class F>
F* symbol(void* library, const char* name, const fs::path& path) {
  if (void* found = dlsym(library, name)) return reinterpret_cast<F*>(found);
  throw Error(ErrorKind::kInvalidData, path.string(),
              "it is no plug-in: the function " + std::string(name) + " is missing",
              "see nasmyth/core/plugin.h");
}

}  // namespace

std::string_view plugin_abi() { return NASMYTH_PLUGIN_ABI; }

fs::path find_plugin(std::string_view library) {
  std::string places;
  for (const auto& folder : search_folders()) {
    const fs::path path = folder / library;
    std::error_code ignored;
    if (fs::exists(path, ignored)) return path;
    if (places.find(folder.string()) != std::string::npos) continue;
    places += (places.empty() ? "" : ", ") + folder.string();
  }
  throw Error(ErrorKind::kIo, library, "the plug-in was not found; searched " + places, kRemedy);
}

void load_plugin(const fs::path& path) {
  static std::set<void*>& loaded = *new std::set<void*>;  // handles; never destroyed
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    throw Error(ErrorKind::kIo, path.string(), "the plug-in does not exist", kRemedy);
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* reason = dlerror();
    throw Error(ErrorKind::kUnsupported, path.string(),
                std::string("the plug-in cannot be loaded: ") + (reason ? reason : "unknown"),
                "build it again with `make program`");
  }
  if (loaded.contains(library)) return;
  const std::string abi = symbol<const char*()>(library, "nasmyth_plugin_abi", path)();
  if (abi != plugin_abi())
    throw Error(ErrorKind::kUnsupported, path.string(),
                "the plug-in was built for '" + abi + "'; this program is '" +
                    std::string(plugin_abi()) + "'",
                "build both from one checkout with one compiler");
  Registries registries;
  symbol<void(Registries&)>(library, "nasmyth_register", path)(registries);
  loaded.insert(library);
}

namespace {

std::vector<std::string>& requested() {
  static auto& paths = *new std::vector<std::string>;  // never destroyed
  return paths;
}

}  // namespace

void request_plugin(const fs::path& path) {
  const std::string absolute = fs::absolute(path).lexically_normal().string();
  load_plugin(absolute);
  auto& paths = requested();
  if (std::find(paths.begin(), paths.end(), absolute) == paths.end()) paths.push_back(absolute);
}

const std::vector<std::string>& requested_plugins() { return requested(); }

}  // namespace nasmyth
