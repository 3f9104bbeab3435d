// `nasmyth ablate`: which components of a found network matter.
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/cli/run_session.h"
#include "nasmyth/search/ablation.h"

namespace nasmyth {
namespace {

class AblateCommand : public Command {
 public:
  std::string help() const override {
    return "Change each choice of a run's network in turn, retrain, and say which ones matter";
  }
  std::string example() const override { return "ablate runs/compact-seed1 --seeds 3 --epochs 5"; }

  void setup(Arguments arguments) override {
    arguments.add("run", run_, "RUN", "directory of the run");
    values_.reserve(16);  // the values must stay where they are
    const auto defaults = option_infos<AblationOptions>();
    for (const auto& info : defaults)
      if (info.name != "run") add(arguments, info);
    arguments.add_flag("--plan", plan_, "list the changes and their costs, and train nothing");
    arguments.add("--output", output_, "DIR", "directory to write (default: RUN/ablation)");
    arguments.add("--resume", resume_, "DIR", "directory of an ablation that was stopped: go on");
    arguments.add_flag("--quiet", quiet_, "no progress");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    RunSession session("ablate", quiet_);
    std::optional<RunDirectory> directory = resumed();
    Ablation ablation(directory ? read_ablation_configuration(*directory) : given(),
                      session.progress());
    if (plan_) {
      context.out << (json_ ? to_json(ablation.plan()) : to_text(ablation.plan()));
      if (!json_) context.out << "\n" << ablation.forecast() << "\n";
      return 0;
    }
    if (!directory) directory = same_or_new(ablation.options(), session);
    session.progress().note(ablation.forecast());
    std::optional<AblationResult> result;
    if (!session.run(*directory, [&](const auto& stop) {
          return (result = ablation.run(*directory, stop)).has_value();
        }))
      return RunSession::kInterrupted;
    if (json_)
      context.out << to_json(*result);
    else
      context.out << to_text(*result) << "\nwritten to "
                  << directory->file(Ablation::kResult).string() << "\n";
    return 0;
  }

 private:
  struct Value {
    std::string name, text;
    bool given() const { return !text.empty(); }
  };

  void add(Arguments arguments, const OptionInfo& info) {
    values_.emplace_back().name = info.name;
    std::string help = info.help;
    if (!info.default_value.empty()) help += " (default: " + info.default_value + ")";
    const std::string type = info.type == "integer"  ? "N"
                             : info.type == "number" ? "X"
                             : info.choices.empty()  ? "TEXT"
                                                     : join_words(info.choices);
    arguments.add("--" + info.name, values_.back().text, type, help);
  }

  static std::string join_words(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : "|") + word;
    return text;
  }

  // The directory of --resume; beside it, nothing else may be given.
  std::optional<RunDirectory> resumed() const {
    if (resume_.empty()) return std::nullopt;
    std::string other = run_.empty() ? "" : "a run";
    for (const auto& value : values_)
      if (value.given()) other = "--" + value.name;
    if (!output_.empty()) other = "--output";
    if (plan_) other = "--plan";
    if (!other.empty())
      throw Error(ErrorKind::kInvalidArgument, "--resume",
                  "an ablation goes on as it began; got " + other + ", too",
                  "leave it out, or begin another ablation with --output");
    return RunDirectory::open(resume_);
  }

  AblationOptions given() const {
    if (run_.empty())
      throw Error(ErrorKind::kInvalidArgument, "ablate", "no run is given",
                  "try `nasmyth ablate runs/NAME`");
    OptionMap values{{"run", run_}};
    for (const auto& value : values_)
      if (value.given()) values[value.name] = value.text;
    try {
      return parse_options<AblationOptions>(values, "ablate");
    } catch (const Error& e) {
      throw e.at(e.where().starts_with("ablate.") ? "--" + e.where().substr(7) : e.where());
    }
  }

  // An ablation of the same options goes on; any other needs a directory of its own.
  RunDirectory same_or_new(const AblationOptions& options, RunSession& session) const {
    const std::filesystem::path path = output_.empty()
                                           ? std::filesystem::path(options.run) / "ablation"
                                           : std::filesystem::path(output_);
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path / RunDirectory::kConfiguration, ignored))
      return session.create(path);
    const RunDirectory there = RunDirectory::open(path);
    const std::string text = there.read(RunDirectory::kConfiguration);
    if (text != ablation_configuration(options, path).to_yaml())
      throw Error(ErrorKind::kInvalidArgument, path.string(),
                  "it holds something else than this ablation, and nothing is overwritten",
                  text.starts_with("ablation:")
                      ? "give another directory with --output, or go on with the old one: `nasmyth "
                        "ablate --resume " +
                            path.string() + "`"
                      : "give another directory with --output");
    return there;
  }

  std::string run_, output_, resume_;
  std::vector<Value> values_;
  bool plan_ = false;
  bool quiet_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> ablate_command() { return std::make_unique<AblateCommand>(); }

}  // namespace nasmyth
