// `nasmyth train`: one given network, without a search.
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/cli/run_session.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/core/text.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/search/train_run.h"
#include "nasmyth/space/space_source.h"

namespace nasmyth {
namespace {

class TrainCommand : public Command {
 public:
  std::string help() const override { return "Train, test and export one network of a space"; }
  std::string example() const override {
    return "train --space nasbench201 --set space.cells=1 --data planted --set retrain.epochs=2 "
           "--architecture \"|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|+"
           "|skip_connect~0|none~1|nor_conv_1x1~2|\"";
  }

  void setup(Arguments arguments) override {
    options_.add_configuration(arguments);
    options_.add_common(arguments);
    options_.add_output(arguments);
    arguments.add("--architecture", architecture_, "TEXT|FILE|NAME",
                  "published name, genotype text, choice=option;..., or a file with one of these");
    arguments.add_flag("--quiet", quiet_, "no progress");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    RunSession session("train", quiet_);
    const auto resumed = options_.resumed();
    if (resumed && !architecture_.empty())
      throw Error(ErrorKind::kInvalidArgument, "--resume",
                  "a run goes on as it began; got --architecture, too", "leave it out");
    const Configuration configuration = resumed ? Configuration() : options_.configuration();
    if (const auto key = configuration.get("architecture"); key && architecture_.empty())
      architecture_ = *key;
    const SearchConfiguration c =
        resumed ? load_configuration(*resumed) : SearchConfiguration::read(configuration);
    const std::string text = resumed ? nasmyth::architecture_text(*resumed) : given_architecture();
    const RunDirectory directory = session.directory(
        options_, space_label(c.space) + "-train-seed" + std::to_string(c.run.seed));
    std::optional<ArmResult> arm;
    if (!session.run(directory, [&](const auto& stop) {
          arm = train_architecture(c, text, directory, session.progress(), stop);
          if (arm) session.add_report(directory);
          return arm.has_value();
        }))
      return RunSession::kInterrupted;
    context.out << (json_ ? to_json(*arm) : as_text(*arm, directory));
    return 0;
  }

 private:
  std::string given_architecture() const {
    if (architecture_.empty())
      throw Error(
          ErrorKind::kInvalidArgument, "--architecture", "no architecture is given",
          "give a published name, a genotype, or a file such as architecture.json of a run");
    std::error_code ignored;
    if (architecture_.size() < 1024 && std::filesystem::is_regular_file(architecture_, ignored))
      return std::string(trim(read_file(architecture_)));
    return architecture_;
  }

  static std::string as_text(const ArmResult& arm, const RunDirectory& directory) {
    std::string text = "test accuracy " + format_percent(arm.test_accuracy) + " after " +
                       std::to_string(arm.epochs) + " epochs, " +
                       format_duration(arm.retrain_seconds) + "\n";
    for (const auto& [name, cost] : arm.costs) text += name + " " + format_si(cost) + "\n";
    return text + "written to " + directory.path().string() + "\n";
  }

  RunCommandOptions options_;
  std::string architecture_;
  bool quiet_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> train_command() { return std::make_unique<TrainCommand>(); }

}  // namespace nasmyth
