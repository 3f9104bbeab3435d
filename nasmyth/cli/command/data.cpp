// `nasmyth data inspect`: what a data set holds, and what will be done with it.
#include <algorithm>
#include <cstdio>
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/core/text.h"
#include "nasmyth/data/data_source.h"

namespace nasmyth {
namespace {

constexpr double kImbalanced = 3;

std::vector<std::int64_t> counts(const Dataset& data) {
  std::vector<std::int64_t> count(data.classes.size(), 0);
  for (std::int64_t label : data.labels) ++count[static_cast<std::size_t>(label)];
  return count;
}

std::string short_number(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", static_cast<double>(value));
  return text;
}

class DataCommand : public Command {
 public:
  std::string help() const override { return "Look at a data set: classes, sizes, faults"; }
  std::string example() const override { return "data inspect planted"; }

  void setup(Arguments arguments) override {
    Arguments inspect =
        arguments.add_subcommand("inspect", "What was found, and what will be done with it");
    inspect.add("data", data_, "SPEC", "data set (see `nasmyth list data_sources`)");
    inspect.add_json_flag(json_);
  }

  int run(Context& context) override {
    if (data_.empty())
      throw Error(ErrorKind::kInvalidArgument, "data inspect", "no data set is given",
                  "try `nasmyth data inspect folder:pictures`");
    const DatasetPair data = load_data(data_);
    context.out << (json_ ? as_json(data) : as_text(data));
    return 0;
  }

 private:
  // Most images of a class over fewest, of the training part.
  static double imbalance(const DatasetPair& data) {
    const auto count = counts(data.train);
    const auto [least, most] = std::minmax_element(count.begin(), count.end());
    return static_cast<double>(*most) / static_cast<double>(std::max<std::int64_t>(*least, 1));
  }

  static std::string as_json(const DatasetPair& data) {
    const auto train = counts(data.train), test = counts(data.test);
    Json json{{"name", data.train.name},
              {"kind", data.train.is_signal() ? "signals" : "images"},
              {"values", data.train.has_values() ? "float32" : "bytes"},
              {"layout", data.train.layout},
              {"channels", data.train.channels},
              {"height", data.train.height},
              {"width", data.train.width},
              {"mean", data.train.mean},
              {"deviation", data.train.deviation},
              {"imbalance", imbalance(data)},
              {"remarks", data.remarks},
              {"faults", data.faults},
              {"classes", Json::array()}};
    for (std::size_t c = 0; c < train.size(); ++c)
      json["classes"].push_back(
          {{"name", data.train.classes[c]}, {"train", train[c]}, {"test", test[c]}});
    return json_text(json);
  }

  static std::string as_text(const DatasetPair& data) {
    const Dataset& d = data.train;
    const auto train = counts(d), test = counts(data.test);
    TextTable table({{"class"}, {"training", Align::kRight}, {"test", Align::kRight}});
    for (std::size_t c = 0; c < train.size(); ++c)
      table.add_row({d.classes[c], std::to_string(train[c]), std::to_string(test[c])});
    table.add_row({"all", std::to_string(d.count), std::to_string(data.test.count)});
    std::string text = d.name + ": " + shape_words(d) + ", " + std::to_string(d.classes.size()) +
                       " classes\n\n" + table.to_string() + "\n";
    if (d.has_values()) {
      const auto [least, greatest] = std::minmax_element(d.values.begin(), d.values.end());
      text += "note: values from " + short_number(*least) + " to " + short_number(*greatest) + "\n";
    }
    for (const auto& remark : data.remarks) text += "note: " + remark + "\n";
    if (const double ratio = imbalance(data); ratio >= kImbalanced)
      text += "note: the largest class has " + print_number(ratio) +
              " times the images of the smallest; consider retrain.class_weights=balanced and "
              "objective=balanced_accuracy\n";
    for (const auto& fault : data.faults) text += "left out: " + fault + "\n";
    return text;
  }

  std::string data_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> data_command() { return std::make_unique<DataCommand>(); }

}  // namespace nasmyth
