// `nasmyth derive`: the architecture of a run, finished or not.
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/cli/run_options.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/search/run_loading.h"

namespace nasmyth {
namespace {

class DeriveCommand : public Command {
 public:
  std::string help() const override {
    return "Derive the architecture of a run, also while it searches and under other limits";
  }
  std::string example() const override { return "derive runs/compact-seed1 --max params=15k"; }

  void setup(Arguments arguments) override {
    arguments.add("run", run_, "RUN", "directory of the run");
    add_maxima(arguments, maxima_, "limits instead of the run's; may be repeated");
    arguments.add("--output", output_, "FILE",
                  "file for the architecture (JSON), replaced if it exists");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    if (run_.empty())
      throw Error(ErrorKind::kInvalidArgument, "derive", "no run is given",
                  "try `nasmyth derive runs/NAME`");
    const RunDirectory directory = RunDirectory::open(run_);
    const SearchConfiguration configuration = load_configuration(directory);
    const auto space = configuration.build_space();
    const DatasetPair data = load_data(configuration.run.data);
    const auto limits = limits_of(configuration);
    const RunDerivation d = derive_run(directory, configuration, *space, data.train, limits);
    if (!output_.empty()) write_file_atomic(output_, d.selection.architecture.to_json());
    context.out << (json_ ? as_json(d, limits) : as_text(d, limits));
    return 0;
  }

 private:
  std::vector<Limit> limits_of(const SearchConfiguration& configuration) const {
    return maxima_.empty() ? configuration.limits : parse_limits(split_maxima(maxima_), "--max");
  }

  static const char* source(const RunDerivation& d) {
    return d.finished ? "run" : d.scored ? "architecture parameters" : "limits";
  }

  static std::string as_json(const RunDerivation& d, const std::vector<Limit>& limits) {
    Json json{{"architecture", parse_json(d.selection.architecture.to_json(), "architecture")},
              {"source", source(d)}};
    if (d.scored) {
      json["score"] = d.selection.score;
      json["upper_bound"] = d.selection.upper_bound;
      json["proven"] = d.selection.proven;
    }
    if (!d.genotype.empty()) json["genotype"] = d.genotype;
    json["limits"] = Json::array();
    for (std::size_t i = 0; i < limits.size(); ++i)
      json["limits"].push_back({{"resource", limits[i].resource},
                                {"at_most", limits[i].at_most},
                                {"cost", d.selection.costs[i]}});
    return json_text(json);
  }

  static std::string as_text(const RunDerivation& d, const std::vector<Limit>& limits) {
    TextTable table({{"choice"}, {"option"}});
    for (const auto& [name, label] : d.selection.architecture.to_labels())
      table.add_row({name, label});
    std::string text = table.to_string() + "\n";
    if (!d.genotype.empty()) text += d.genotype + "\n\n";
    for (std::size_t i = 0; i < limits.size(); ++i)
      text += limits[i].resource + ": " + format_si(d.selection.costs[i]) + " of " +
              format_si(limits[i].at_most) + "\n";
    if (d.finished) return text + "the architecture that the run found\n";
    if (!d.scored)
      return text + "the search has saved nothing yet: this network only meets the limits\n";
    return text + "derived from the architecture parameters: " +
           (d.selection.proven
                ? "the best by their scores, proven\n"
                : "within " + print_number(d.selection.gap) + " of the best score\n");
  }

  std::string run_, output_;
  std::vector<std::string> maxima_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> derive_command() { return std::make_unique<DeriveCommand>(); }

}  // namespace nasmyth
