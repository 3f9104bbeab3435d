#include "nasmyth/search/run_directory.h"

#include "nasmyth/core/directory_lock.h"
#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"

namespace nasmyth {
namespace fs = std::filesystem;

namespace {

// What a process leaves that was killed before it wrote anything does not count.
bool holds_something(const fs::path& path) {
  std::error_code error;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool temporary = name.starts_with(".") && name.find(".tmp-") != std::string::npos;
    if (name != DirectoryLock::kFile && !temporary) return true;
  }
  return static_cast<bool>(error);
}

}  // namespace

RunDirectory RunDirectory::create(const fs::path& path) {
  std::error_code error;
  const bool exists = fs::exists(path, error);
  if (exists && (!fs::is_directory(path, error) || holds_something(path)))
    throw Error(ErrorKind::kInvalidArgument, path.string(),
                "it exists already, and nothing is overwritten",
                "give another directory with --output, or remove this one");
  fs::create_directories(path, error);
  if (error)
    throw Error(ErrorKind::kIo, path.string(), "the directory cannot be made: " + error.message(),
                "give another directory with --output");
  return RunDirectory(path);
}

fs::path RunDirectory::free_name(const fs::path& parent, const std::string& name) {
  std::error_code ignored;
  fs::path path = parent / name;
  for (int i = 2; fs::exists(path, ignored); ++i) path = parent / (name + "-" + std::to_string(i));
  return path;
}

RunDirectory RunDirectory::open(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored))
    throw Error(ErrorKind::kIo, path.string(), "there is no such run",
                "give the directory that `search` or `train` wrote");
  RunDirectory run(path);
  if (!run.has(kConfiguration))
    throw Error(ErrorKind::kIo, path.string(),
                "it is no run: it has no " + std::string(kConfiguration),
                "give the directory that `search` or `train` wrote");
  return run;
}

bool RunDirectory::has(std::string_view name) const {
  std::error_code ignored;
  return fs::is_regular_file(file(name), ignored);
}

std::string RunDirectory::read(std::string_view name) const { return read_file(file(name)); }

void RunDirectory::write(std::string_view name, std::string_view bytes) const {
  write_file_atomic(file(name), bytes);
}

void RunDirectory::append_metrics(std::string_view json) const {
  append_file(file(kMetrics), std::string(json) + "\n");
}

}  // namespace nasmyth
