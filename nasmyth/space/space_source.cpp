#include "nasmyth/space/space_source.h"

#include <filesystem>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/space/file/file_space.h"

namespace nasmyth {
namespace {

constexpr std::string_view kPrefix = "file:";

}  // namespace

bool is_space_file(std::string_view name) {
  return name.starts_with(kPrefix) || name.ends_with(".yaml") || name.ends_with(".yml");
}

std::string space_file_path(std::string_view name) {
  return std::string(name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name);
}

std::string space_label(std::string_view name) {
  if (!is_space_file(name)) return std::string(name);
  const std::string stem = std::filesystem::path(space_file_path(name)).stem().string();
  return stem.empty() ? "space" : stem;
}

std::string read_space_file(std::string_view name, std::string_view hash, std::string_view where) {
  const std::string path = space_file_path(name);
  if (path.empty())
    throw Error(ErrorKind::kInvalidArgument, where, "no space file is named", "write file:PATH");
  std::string content = read_file(path);
  if (!hash.empty() && hash != content_hash(content))
    throw Error(ErrorKind::kInvalidArgument, where,
                "the space file '" + path + "' is not the one that was recorded; got hash " +
                    content_hash(content) + " instead of " + std::string(hash),
                "restore it, give the copy in the run's directory (--space RUN/space.yaml), or "
                "remove space.hash");
  return content;
}

std::unique_ptr<SearchSpace> open_space(std::string_view name, const OptionMap& options,
                                        std::string_view where) {
  if (!is_space_file(name)) {
    std::error_code ignored;
    if (!search_spaces().find(name) && std::filesystem::exists(name, ignored))
      throw Error(ErrorKind::kUnknownName, where,
                  "'" + std::string(name) + "' is no space; a space file ends in .yaml or .yml",
                  "rename it or write file:" + std::string(name));
    return search_spaces().get(name, where).make(options);
  }
  OptionMap parameters = options;
  std::string hash;
  if (const auto it = parameters.find("hash"); it != parameters.end()) {
    hash = it->second;
    parameters.erase(it);
  }
  return std::make_unique<FileSpace>(read_space_file(name, hash, where), space_file_path(name),
                                     parameters);
}

}  // namespace nasmyth
