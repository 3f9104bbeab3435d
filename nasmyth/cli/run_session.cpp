#include "nasmyth/cli/run_session.h"

#include <cstdio>

#include "nasmyth/core/directory_lock.h"
#include "nasmyth/core/error.h"
#include "nasmyth/core/interrupt.h"
#include "nasmyth/report/page.h"
#include "nasmyth/report/report.h"

namespace nasmyth {

RunSession::RunSession(std::string command, bool quiet)
    : command_(std::move(command)), quiet_(quiet), terminal_(stderr, clock_) {}

RunDirectory RunSession::directory(const RunCommandOptions& options, const std::string& name) {
  if (const auto resumed = options.resumed()) return *resumed;
  return create(options.output().empty() ? RunDirectory::free_name("runs", name)
                                         : std::filesystem::path(options.output()));
}

RunDirectory RunSession::create(const std::filesystem::path& path) {
  std::error_code ignored;
  made_ = !std::filesystem::exists(path, ignored);
  return RunDirectory::create(path);
}

void RunSession::remove_if_empty(const RunDirectory& directory) const {
  if (!made_) return;
  std::error_code ignored;
  std::filesystem::remove(directory.file(DirectoryLock::kFile), ignored);
  std::filesystem::remove(directory.file(RunDirectory::kArchitecture), ignored);
  std::filesystem::remove(directory.path(), ignored);
}

bool RunSession::run(const RunDirectory& directory,
                     const std::function<bool(const std::function<bool()>& stop)>& job) {
  const std::string how = "nasmyth " + command_ + " --resume " + directory.path().string();
  const DirectoryLock lock(directory.path());
  progress().note("run directory: " + directory.path().string());
  install_interrupt_handler();
  try {
    if (job(&interrupted)) return true;
  } catch (const Error&) {
    if (directory.has(RunDirectory::kConfiguration))
      progress().note("once that is mended, go on with: " + how);
    else
      remove_if_empty(directory);
    throw;
  }
  // Said also where progress is not wanted: the user asked for the end and must know what is left.
  terminal_.note("interrupted; go on with: " + how);
  return false;
}

void RunSession::add_report(const RunDirectory& directory, const DatasetPair* data) {
  try {
    write_page(directory.file(kReportFile), write_report(directory, {}, data));
  } catch (const Error& e) {
    progress().note(std::string("there is no report: ") + e.what());
  }
}

}  // namespace nasmyth
