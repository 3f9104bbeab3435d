// `nasmyth count`: what a network stores and computes.

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/core/json.h"
#include "nasmyth/core/table_text.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/network_count.h"

namespace nasmyth {
namespace {

constexpr double kBytesOfWeight = 4;  // float32

std::int64_t whole(double value) { return static_cast<std::int64_t>(value); }

Json count_json(const NetworkCount& count) {
  return Json{{"params", whole(count.params)},
              {"conv_macs", whole(count.conv_macs)},
              {"macs", whole(count.macs)}};
}

class CountCommand : public Command {
 public:
  std::string help() const override {
    return "Count parameters and multiply-accumulates of a network, for one image";
  }
  std::string example() const override {
    return "count --space darts --architecture DARTS_V2 --set channels=36 --set layers=20 "
           "--input 3x32x32 --classes 10";
  }

  void setup(Arguments arguments) override {
    network_.add_space(arguments);
    network_.add_architecture(arguments);
    network_.add_form(arguments);
    arguments.add_flag("--by-layer", by_layer_,
                       "one row for each operation that stores or computes");
    arguments.add_json_flag(json_);
  }

  int run(Context& context) override {
    network_.resolve();
    const auto space = network_.space();
    network_.fall_back(*space);
    const NetworkGraph graph = network_.network(*space);
    const CountedNetwork counted = count_network(graph, builtin_operations());
    context.out << (json_ ? as_json(counted) : as_text(graph, counted));
    return 0;
  }

 private:
  std::string as_json(const CountedNetwork& counted) const {
    Json object{{"space", network_.space_name()}};
    object.update(count_json(counted.total));
    object["weight_bytes"] = whole(counted.total.params * kBytesOfWeight);
    object["training_only_params"] = whole(counted.training_only_params);
    if (by_layer_) {
      Json layers = Json::array();
      for (const auto& layer : counted.layers) {
        if (layer.count.params == 0 && layer.count.macs == 0) continue;
        Json row{{"scope", layer.scope}, {"operation", layer.operation}, {"output", layer.shape}};
        row.update(count_json(layer.count));
        layers.push_back(std::move(row));
      }
      object["layers"] = std::move(layers);
    }
    return json_text(object);
  }

  std::string as_text(const NetworkGraph& graph, const CountedNetwork& counted) const {
    std::string text;
    if (by_layer_) text += layers_table(counted) + "\n";
    TextTable table({{"resource"}, {"count", Align::kRight}, {"", Align::kRight}});
    auto row = [&](const char* name, double value) {
      table.add_row({name, std::to_string(whole(value)), format_si(value)});
    };
    row("params", counted.total.params);
    row("conv_macs", counted.total.conv_macs);
    row("macs", counted.total.macs);
    row("weight_bytes", counted.total.params * kBytesOfWeight);
    if (counted.training_only_params > 0) row("training_only_params", counted.training_only_params);
    text += table.to_string();
    if (!graph.closed())
      text +=
          "\nAll choices are open: every parameter at its greatest size, every candidate run.\n";
    return text;
  }

  static std::string layers_table(const CountedNetwork& counted) {
    TextTable table(
        {{"layer"}, {"operation"}, {"output"}, {"params", Align::kRight}, {"macs", Align::kRight}});
    for (const auto& layer : counted.layers)
      if (layer.count.params != 0 || layer.count.macs != 0)
        table.add_row({layer.scope, layer.operation, layer.shape,
                       std::to_string(whole(layer.count.params)),
                       std::to_string(whole(layer.count.macs))});
    return table.to_string();
  }

  NetworkOptions network_;
  bool by_layer_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> count_command() { return std::make_unique<CountCommand>(); }

}  // namespace nasmyth
