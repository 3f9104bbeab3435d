// `nasmyth export`: a network in another format.
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/core/file.h"
#include "nasmyth/data/data_source.h"
#include "nasmyth/export/exporter.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/search/run_loading.h"

namespace nasmyth {
namespace {

class ExportCommand : public Command {
 public:
  std::string help() const override { return "Write a network in another format (ONNX, ...)"; }
  std::string example() const override {
    return "export --space darts --architecture DARTS_V2 --format dot --output darts.dot";
  }

  void setup(Arguments arguments) override {
    network_.add_space(arguments);
    network_.add_architecture(arguments);
    network_.add_form(arguments);
    arguments.add("--run", run_, "DIR",
                  "the trained network of a run, instead of a space and its weights");
    arguments.add("--format", format_, "FORMAT",
                  "see `nasmyth list exporters` (default: by the end of --output, else json)");
    arguments.add_repeated(
        "--with", settings_, "KEY=VALUE",
        "an option of the format (see `nasmyth describe exporter`); may be repeated");
    arguments.add("--weights", weights_, "FILE", "weights file, for formats that hold weights");
    arguments.add("--seed", seed_text_, "N",
                  "seed of initial weights where no file is given (default: 0)");
    arguments.add("--data", data_, "SPEC",
                  "data set whose images the network takes: input, class labels, normalisation");
    arguments.add("--output", output_, "FILE", "file to write (default: standard output)");
  }

  int run(Context& context) override {
    if (!seed_text_.empty()) {
      OptionInfo range;
      range.minimum = 0;
      range.maximum = 1e15;
      seed_ = OptionText<std::int64_t>::parse(seed_text_, range, "--seed");
    }
    const std::string format = chosen_format();
    const ExporterEntry& entry = exporters().get(format, "--format");
    entry.make(format_options());  // what is wrong with them is said before data is read
    if (entry.binary && output_.empty())
      throw Error(ErrorKind::kInvalidArgument, "--output", format + " files are no text",
                  "name a file, for instance --output network" + entry.extension);
    if (!run_.empty()) return export_run(context, format);
    network_.resolve();
    const auto space = network_.space();
    OnnxDescription description = describe_data();
    network_.fall_back(*space);
    if (network_.has_architecture()) description.architecture = network_.architecture_text();
    const NetworkGraph graph = network_.network(*space);
    if (const auto open = graph.open_choices(); entry.needs_weights && !open.empty())
      throw Error(ErrorKind::kInvalidArgument, "--architecture",
                  "as " + format + " a network must be closed; " + std::to_string(open.size()) +
                      " choices are open",
                  "name an architecture");
    ExportRequest request{graph, builtin_operations(), nullptr, std::move(description)};
    ParameterStore parameters;
    if (entry.needs_weights) {
      parameters = weights(graph);
      request.parameters = &parameters;
    }
    write(context, export_network(format, request, format_options()));
    if (entry.needs_weights && weights_.empty())
      context.err << "nasmyth: note: no --weights; the network has untrained weights of seed "
                  << seed_ << "\n";
    return 0;
  }

 private:
  std::string chosen_format() const {
    if (!format_.empty()) return format_;
    const std::string format = format_of(output_);
    return format.empty() ? "json" : format;
  }

  OptionMap format_options() const {
    Configuration settings;
    for (const auto& setting : settings_) settings.set("with." + setting);
    return settings.section("with");
  }

  // The network with the weights, the normalisation and the labels that the run gave it.
  int export_run(Context& context, const std::string& format) const {
    const RunDirectory directory = RunDirectory::open(run_);
    const LoadedNetwork network = load_network(directory);
    const std::string data = load_configuration(directory).run.data;
    ExportRequest request{network.graph, builtin_operations(), &network.parameters,
                          description_of(load_data(data).train)};
    if (directory.has(RunDirectory::kArchitecture))
      request.description.architecture = directory.read(RunDirectory::kArchitecture);
    write(context, export_network(format, request, format_options()));
    return 0;
  }

  static OnnxDescription description_of(const Dataset& data) {
    OnnxDescription description;
    description.preprocessing = {data.scale(), data.mean, data.deviation};
    description.classes = data.classes;
    return description;
  }

  OnnxDescription describe_data() {
    if (data_.empty()) return {};
    const Dataset data = load_data(data_).train;
    network_.fall_back({static_cast<int>(data.channels), static_cast<int>(data.height),
                        static_cast<int>(data.width)},
                       static_cast<int>(data.classes.size()));
    return description_of(data);
  }

  ParameterStore weights(const NetworkGraph& graph) const {
    if (!weights_.empty()) return ParameterStore::deserialize(read_file(weights_), weights_);
    ParameterStore store(expand(graph, builtin_operations()), builtin_operations(),
                         ElementType::kFloat32);
    store.initialize(RandomStream(static_cast<std::uint64_t>(seed_)).fork("weights"));
    return store;
  }

  void write(Context& context, const std::string& bytes) const {
    if (output_.empty())
      context.out << bytes;
    else
      write_file_atomic(output_, bytes);
  }

  NetworkOptions network_;
  std::string run_, format_, weights_, data_, output_;
  std::vector<std::string> settings_;
  std::string seed_text_;
  std::int64_t seed_ = 0;
};

}  // namespace

std::unique_ptr<Command> export_command() { return std::make_unique<ExportCommand>(); }

}  // namespace nasmyth
