// `nasmyth search`: the main job, from data and limits to a trained and exported network.
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/cli/run_session.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/search/search_run.h"
#include "nasmyth/space/space_source.h"

namespace nasmyth {
namespace {

class SearchCommand : public Command {
 public:
  std::string help() const override {
    return "Search a network under limits, retrain, test and export it";
  }
  std::string example() const override {
    return "search --data fashion-mnist --space compact --max params=20k --max macs=1M";
  }

  void setup(Arguments arguments) override {
    options_.add_configuration(arguments);
    options_.add_common(arguments);
    options_.add_output(arguments);
    arguments.add_flag("--no-controls", no_controls_,
                       "leave out random search and the hand-made network");
    arguments.add_flag("--quiet", quiet_, "no progress");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    RunSession session("search", quiet_);
    const auto resumed = options_.resumed();
    if (resumed && no_controls_)
      throw Error(ErrorKind::kInvalidArgument, "--resume",
                  "a run goes on as it began; got --no-controls, too", "leave it out");
    const SearchConfiguration search =
        resumed ? load_configuration(*resumed) : SearchConfiguration::read(configuration());
    SearchRun run(search, session.progress());
    const RunDirectory directory = session.directory(
        options_, space_label(search.space) + "-seed" + std::to_string(search.run.seed));
    if (!resumed) note_incumbent(run, search, session.progress());
    std::optional<SearchResult> result;
    if (!session.run(directory, [&](const auto& stop) {
          result = run.run(directory, stop);
          if (result) session.add_report(directory, &run.data());
          return result.has_value();
        }))
      return RunSession::kInterrupted;
    if (json_) {
      context.out << to_json(*result, search);
    } else {
      context.out << to_text(*result) << "\nwritten to " << directory.path().string()
                  << ": result.json, architecture.json, network.onnx, weights.bin, metrics.jsonl, "
                     "configuration.yaml, report.html\n";
    }
    return 0;
  }

 private:
  Configuration configuration() const {
    Configuration configuration = options_.configuration();
    if (no_controls_) configuration.set_value("controls", "[]", "--no-controls");
    return configuration;
  }

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
