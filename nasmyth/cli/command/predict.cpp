// `nasmyth predict`: what a trained network sees in pictures.
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/predict.h"
#include "nasmyth/search/run_loading.h"

namespace nasmyth {
namespace {

constexpr std::size_t kShown = 3;

class PredictCommand : public Command {
 public:
  std::string help() const override {
    return "Classify pictures or arrays with the trained network of a run";
  }
  std::string example() const override { return "predict runs/compact-seed1 picture.png"; }

  void setup(Arguments arguments) override {
    arguments.add("run", run_, "RUN", "directory of the run");
    arguments.add_list("pictures", pictures_, "PICTURE",
                       "PNG or JPEG files, or .npy files of samples");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    if (run_.empty() || pictures_.empty())
      throw Error(ErrorKind::kInvalidArgument, "predict",
                  run_.empty() ? "no run is given" : "no picture is given",
                  "try `nasmyth predict runs/NAME picture.png`");
    const RunDirectory directory = RunDirectory::open(run_);
    const SearchConfiguration c = load_configuration(directory);
    const auto executor =
        make_executor(c.run.executor, builtin_operations(), {c.run.device, c.run.threads});
    const auto predictions = predict(directory, *executor, {pictures_.begin(), pictures_.end()});
    context.out << (json_ ? as_json(predictions) : as_text(predictions));
    bool all = true;
    for (const auto& p : predictions) {
      if (p.fault.empty()) continue;
      all = false;
      if (!json_) context.err << "nasmyth: " << p.fault << "\n";
    }
    return all ? 0 : exit_code(ErrorKind::kInvalidData);
  }

 private:
  static std::string as_json(const std::vector<Prediction>& predictions) {
    Json array = Json::array();
    for (const auto& p : predictions) {
      Json row{{"picture", p.picture}};
      if (!p.fault.empty()) {
        row["fault"] = p.fault;
      } else {
        row["class"] = p.classes.front().first;
        for (const auto& [name, probability] : p.classes) row["probabilities"][name] = probability;
      }
      array.push_back(std::move(row));
    }
    return json_text(array);
  }

  static std::string as_text(const std::vector<Prediction>& predictions) {
    TextTable table({{"picture"}, {"class"}, {"probability", Align::kRight}, {"or"}});
    for (const auto& p : predictions) {
      if (!p.fault.empty()) continue;
      std::string others;
      for (std::size_t i = 1; i < std::min(kShown, p.classes.size()); ++i)
        others +=
            (i > 1 ? ", " : "") + p.classes[i].first + " " + format_percent(p.classes[i].second);
      table.add_row(
          {p.picture, p.classes.front().first, format_percent(p.classes.front().second), others});
    }
    return table.to_string();
  }

  std::string run_;
  std::vector<std::string> pictures_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> predict_command() { return std::make_unique<PredictCommand>(); }

}  // namespace nasmyth
