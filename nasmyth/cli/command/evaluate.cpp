// `nasmyth evaluate`: a trained network on data.
#include <algorithm>
#include <numeric>
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/engine/executors.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/run_loading.h"
#include "nasmyth/train/metric.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kBatch = 500;

class EvaluateCommand : public Command {
 public:
  std::string help() const override { return "Test the trained network of a run on data"; }
  std::string example() const override { return "evaluate runs/compact-seed1 --part test"; }

  void setup(Arguments arguments) override {
    arguments.add("run", run_, "RUN", "directory of the run");
    arguments.add("--data", data_, "SPEC", "data set instead of the run's");
    arguments.add("--part", part_, "PART", "test, selection or train (default: test)");
    arguments.add("--device", device_, "DEVICE", "cpu or cuda[:n] (default: the run's)");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    if (run_.empty())
      throw Error(ErrorKind::kInvalidArgument, "evaluate", "no run is given",
                  "try `nasmyth evaluate runs/NAME`");
    const std::vector<std::string> known{"test", "selection", "train"};
    if (std::find(known.begin(), known.end(), part_) == known.end())
      throw unknown_name("--part", "part", part_, known);
    const RunDirectory directory = RunDirectory::open(run_);
    const SearchConfiguration c = load_configuration(directory);
    LoadedNetwork network = load_network(directory);
    const DatasetPair data = load(c.run.data);
    const Dataset& part = part_ == "test" ? data.test : data.train;
    const auto executor = make_executor(c.run.executor, builtin_operations(),
                                        {device_.empty() ? c.run.device : device_, c.run.threads});
    const std::vector<std::int64_t> samples = indices(data, c);
    const Evaluation e =
        evaluate(network.graph, network.parameters, *executor, part, samples, kBatch);
    const Figures figures = all_metrics(e, part, samples);
    context.out << (json_ ? as_json(e, part, figures) : as_text(e, part, figures));
    return 0;
  }

 private:
  // Other data are normalised as the network's own were, which is what network.onnx does.
  DatasetPair load(const std::string& own) const {
    if (data_.empty() || data_ == own) return load_data(own);
    const Dataset trained = load_data(own).train;
    DatasetPair data = load_data(data_);
    for (Dataset* part : {&data.train, &data.test}) {
      if (part->channels != trained.channels)
        throw Error(ErrorKind::kShape, "--data",
                    "its images have " + std::to_string(part->channels) +
                        " channel(s); the network was trained on " +
                        std::to_string(trained.channels),
                    "give data of the same shape");
      if (part->has_values() != trained.has_values())
        throw Error(ErrorKind::kInvalidArgument, "--data",
                    std::string("its values are ") + kind_of(*part) +
                        "; the network was trained on " + kind_of(trained),
                    "give data of the same kind");
      part->mean = trained.mean;
      part->deviation = trained.deviation;
    }
    return data;
  }

  static const char* kind_of(const Dataset& data) {
    return data.has_values() ? "16-bit or float numbers" : "bytes";
  }

  std::vector<std::int64_t> indices(const DatasetPair& data, const SearchConfiguration& c) const {
    if (part_ == "selection") return c.make_splits(data.train).selection;
    std::vector<std::int64_t> all(
        static_cast<std::size_t>((part_ == "test" ? data.test : data.train).count));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }

  using Figures = std::vector<std::pair<std::string, double>>;

  std::string as_json(const Evaluation& e, const Dataset& data, const Figures& figures) const {
    Json json{{"data", data.name}, {"part", part_}, {"images", e.predictions.size()}};
    for (const auto& [name, value] : figures) json[name] = value;
    json["loss"] = e.loss;
    json["classes"] = data.classes;
    json["confusion"] = e.confusion;
    return json_text(json);
  }

  std::string as_text(const Evaluation& e, const Dataset& data, const Figures& figures) const {
    TextTable table({{"class"}, {"images", Align::kRight}, {"right", Align::kRight}});
    const std::size_t n = data.classes.size();
    for (std::size_t c = 0; c < n; ++c) {
      const auto row = e.confusion.begin() + static_cast<std::ptrdiff_t>(c * n);
      const auto total =
          std::accumulate(row, row + static_cast<std::ptrdiff_t>(n), std::int64_t{0});
      const double share = total ? static_cast<double>(row[static_cast<std::ptrdiff_t>(c)]) /
                                       static_cast<double>(total)
                                 : 0;
      table.add_row({data.classes[c], std::to_string(total), format_percent(share)});
    }
    std::string text = table.to_string() + "\n" + data.name + ", " + part_ + ":";
    for (const auto& [name, value] : figures)
      text += " " + name + " " + format_percent(value) + ",";
    return text + " cross-entropy " + print_number(e.loss) + "\n";
  }

  std::string run_, data_, device_;
  std::string part_ = "test";
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> evaluate_command() { return std::make_unique<EvaluateCommand>(); }

}  // namespace nasmyth
