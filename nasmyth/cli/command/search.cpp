// `nasmyth search`: the main job, from data and limits to a trained and exported network.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/cli/run_options.h"
#include "nasmyth/core/interrupt.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/core/terminal_progress.h"
#include "nasmyth/search/search_run.h"

namespace nasmyth {
namespace {

constexpr int kInterrupted = 130;

class SearchCommand : public Command {
 public:
  std::string help() const override {
    return "Search a network under limits, retrain, test and export it";
  }
  std::string example() const override {
    return "search --data fashion-mnist --space compact --max params=20k --max macs=1M";
  }

  void setup(CLI::App& app) override {
    options_.add_configuration(app);
    options_.add_common(app);
    options_.add_output(app);
    app.add_flag("--no-controls", no_controls_,
                 "leave out random search and the hand-made network");
    app.add_flag("--quiet", quiet_, "no progress");
    add_json_flag(app, json_);
  }

  int run(Context& context) override {
    Configuration configuration = options_.configuration();
    if (no_controls_) configuration.set_value("controls", "[]", "--no-controls");
    SearchConfiguration search = SearchConfiguration::read(configuration);
    const std::filesystem::path path =
        options_.output().empty()
            ? RunDirectory::free_name("runs",
                                      search.space + "-seed" + std::to_string(search.run.seed))
            : std::filesystem::path(options_.output());
    const SystemClock clock;
    TerminalProgress terminal(stderr, clock);
    ProgressSink silent;
    ProgressSink& progress = quiet_ ? silent : terminal;
    SearchRun run(search, progress);
    const RunDirectory directory = RunDirectory::create(path);
    progress.note("run directory: " + directory.path().string());
    note_incumbent(run, search, progress);
    install_interrupt_handler();
    const auto result = run.run(directory, &interrupted);
    if (!result) {
      progress.note(directory.has(RunDirectory::kSearchState)
                        ? "interrupted; what was finished is saved in " + directory.path().string()
                        : "interrupted before anything was saved");
      return kInterrupted;
    }
    if (json_) {
      context.out << to_json(*result, search);
    } else {
      context.out << to_text(*result) << "\nwritten to " << directory.path().string()
                  << ": result.json, architecture.json, network.onnx, weights.bin, metrics.jsonl, "
                     "configuration.yaml\n";
    }
    return 0;
  }

 private:
  static void note_incumbent(const SearchRun& run, const SearchConfiguration& search,
                             ProgressSink& progress) {
    if (search.limits.empty()) return;
    std::string text = "the limits can be met: a network with";
    const auto& costs = run.incumbent().costs;
    for (std::size_t i = 0; i < search.limits.size(); ++i)
      text += (i ? ", " : " ") + format_si(costs[i]) + " " + search.limits[i].resource;
    progress.note(text + " is kept as a start");
  }

  RunCommandOptions options_;
  bool no_controls_ = false;
  bool quiet_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> search_command() { return std::make_unique<SearchCommand>(); }

}  // namespace nasmyth
