// `nasmyth report`: a run, or several beside each other, as one page to read.
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/report/comparison.h"
#include "nasmyth/report/page.h"
#include "nasmyth/report/report.h"

namespace nasmyth {
namespace {

constexpr const char* kComparisonFile = "comparison.html";

class ReportCommand : public Command {
 public:
  std::string help() const override {
    return "Write a run, or a comparison of runs, as one self-contained HTML page";
  }
  std::string example() const override { return "report runs/compact-seed1"; }

  void setup(Arguments arguments) override {
    arguments.add_list("runs", runs_, "RUN", "directory of the run; with --compare two or more");
    arguments.add_flag("--compare", compare_,
                       "compare runs: results, differences, curves side by side");
    arguments.add("--output", output_, "FILE",
                  "file to write (default: report.html in the run; comparison.html with "
                  "--compare)");
    arguments.add_flag("--no-images", no_images_, "show no images of the data");
  }

  int run(Context& context) override {
    check();
    std::filesystem::path path = output_;
    std::string page;
    if (compare_) {
      std::vector<RunDirectory> directories;
      for (const auto& run : runs_) directories.push_back(RunDirectory::open(run));
      if (path.empty()) path = kComparisonFile;
      page = write_comparison(directories);
    } else {
      const RunDirectory directory = RunDirectory::open(runs_.front());
      if (path.empty()) path = directory.file(kReportFile);
      page = write_report(directory, {!no_images_});
    }
    write_page(path, page);
    context.out << "written to " << path.string() << "\n";
    return 0;
  }

 private:
  void check() const {
    if (runs_.empty())
      throw Error(ErrorKind::kInvalidArgument, "report", "no run is given",
                  "try `nasmyth report runs/NAME`");
    if (!compare_ && runs_.size() > 1)
      throw Error(ErrorKind::kInvalidArgument, "report",
                  "it takes one run; got " + std::to_string(runs_.size()),
                  "give --compare to compare them");
    if (compare_ && runs_.size() < 2)
      throw Error(ErrorKind::kInvalidArgument, "--compare", "it takes two runs or more; got one",
                  "name another run");
  }

  std::vector<std::string> runs_;
  std::string output_;
  bool compare_ = false;
  bool no_images_ = false;
};

}  // namespace

std::unique_ptr<Command> report_command() { return std::make_unique<ReportCommand>(); }

}  // namespace nasmyth
