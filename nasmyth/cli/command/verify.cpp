// `nasmyth verify`: whether this machine repeats a run.
#include <cstdio>
#include <filesystem>
#include <optional>
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/cli/run_session.h"
#include "nasmyth/core/json.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/search/search_run.h"
#include "nasmyth/search/verify_run.h"

namespace nasmyth {
namespace {

std::string find(const std::vector<std::pair<std::string, std::string>>& texts,
                 const std::string& name) {
  for (const auto& [key, text] : texts)
    if (key == name) return text;
  return "unknown";
}

class VerifyCommand : public Command {
 public:
  std::string help() const override {
    return "Repeat the first steps of a run, or all of it, from its seed and compare them bit for "
           "bit";
  }
  std::string example() const override { return "verify runs/compact-seed1"; }

  void setup(Arguments arguments) override {
    arguments.add("run", run_, "RUN", "directory of the run");
    arguments.add_flag("--whole", whole_, "repeat the whole run, and compare all that it left");
    arguments.add("--output", output_, "DIR",
                  "directory for the whole run's repetition (default: a free name beside the run)");
    arguments.add_flag("--quiet", quiet_, "no progress");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    if (run_.empty())
      throw Error(ErrorKind::kInvalidArgument, "verify", "no run is given",
                  "try `nasmyth verify runs/NAME`");
    const RunDirectory directory = RunDirectory::open(run_);
    if (whole_) return run_whole(context, directory);
    if (!output_.empty())
      throw Error(ErrorKind::kInvalidArgument, "--output", "only a whole repetition writes files",
                  "give --whole, too, or leave it out");
    if (!directory.has(RunDirectory::kFirstSteps))
      throw Error(ErrorKind::kUnsupported, directory.path().string(),
                  "the run has recorded no first steps",
                  "verify a run of a gradient search that has done " +
                      std::to_string(FirstSteps::kCount) + " steps");
    const FirstSteps recorded =
        first_steps_from_json(directory.read(RunDirectory::kFirstSteps),
                              directory.file(RunDirectory::kFirstSteps).string());
    ProgressSink silent;
    SearchRun again(load_configuration(directory), silent);
    const Verification v = compare(recorded, again.first_steps(directory));
    context.out << (json_ ? as_json(v) : as_text(v));
    return equal(v) ? 0 : 1;
  }

 private:
  int run_whole(Context& context, const RunDirectory& recorded) {
    RunSession session("search", quiet_);
    const auto path = std::filesystem::absolute(recorded.path() / "").parent_path();
    const RunDirectory again = RunDirectory::create(
        output_.empty()
            ? RunDirectory::free_name(path.parent_path(), path.filename().string() + "-verify")
            : std::filesystem::path(output_));
    std::optional<RunComparison> found;
    if (!session.run(again, [&](const auto& stop) {
          return (found = repeat_run(recorded, again, session.progress(), stop)).has_value();
        }))
      return RunSession::kInterrupted;
    context.out << (json_ ? as_json(*found) : as_text(*found, again));
    return found->same() ? 0 : 1;
  }

  static std::string as_json(const RunComparison& c) {
    return json_text(
        Json{{"equal", c.same()}, {"equal_files", c.equal}, {"different", c.different}});
  }

  static std::string as_text(const RunComparison& c, const RunDirectory& again) {
    std::string text;
    for (const auto& name : c.equal) text += "equal: " + name + "\n";
    for (const auto& name : c.different) text += "different: " + name + "\n";
    return text + (c.same() ? "the repetition left the same" : "the repetition differs") +
           "; it is in " + again.path().string() + "\n";
  }

  static bool equal(const Verification& v) {
    return v.first_difference < 0 && v.recorded.steps.size() == v.repeated.steps.size();
  }

  static std::string as_json(const Verification& v) {
    Json json{{"equal", equal(v)}, {"steps", v.compared}};
    if (v.first_difference >= 0) json["first_difference"] = v.first_difference;
    json["differences"] = Json::object();
    for (const auto& name : v.differences)
      json["differences"][name] = {{"recorded", find(v.recorded.environment, name)},
                                   {"here", find(v.repeated.environment, name)}};
    return json_text(json);
  }

  static std::string as_text(const Verification& v) {
    std::string text;
    if (equal(v)) {
      text = "all of the first " + std::to_string(v.compared) +
             " steps are equal, bit for bit: this machine repeats the run\n";
    } else {
      const auto i = static_cast<std::size_t>(std::max<std::int64_t>(v.first_difference, 0));
      char numbers[80] = "";
      if (i < v.recorded.steps.size() && i < v.repeated.steps.size())
        std::snprintf(numbers, sizeof numbers, ": loss %.17g recorded, %.17g here",
                      v.recorded.steps[i].loss, v.repeated.steps[i].loss);
      text = "step " + std::to_string(i + 1) + " differs" + numbers + "\n";
    }
    for (const auto& name : v.differences)
      text += (equal(v) ? "although " : "which may come from ") + name + ": " +
              find(v.recorded.environment, name) + " recorded, " +
              find(v.repeated.environment, name) + " here\n";
    if (!equal(v) && v.differences.empty())
      text += "nothing that is recorded of the machine differs: the data, or a library, may\n";
    return text;
  }

  std::string run_, output_;
  bool whole_ = false;
  bool quiet_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> verify_command() { return std::make_unique<VerifyCommand>(); }

}  // namespace nasmyth
