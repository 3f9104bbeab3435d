// `nasmyth export`: a network in another format.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "nasmyth/cli/command.h"
#include "nasmyth/cli/network_options.h"
#include "nasmyth/core/file.h"
#include "nasmyth/operation/builtin.h"

namespace nasmyth {
namespace {

class ExportCommand : public Command {
 public:
  std::string help() const override { return "Write a network as JSON or as a Graphviz drawing"; }
  std::string example() const override {
    return "export --space darts --architecture DARTS_V2 --format dot --output darts.dot";
  }

  void setup(CLI::App& app) override {
    network_.add_space(app);
    network_.add_architecture(app);
    network_.add_form(app);
    app.add_option("--format", format_, "json or dot (default: json)")->type_name("FORMAT");
    app.add_option("--output", output_, "file to write (default: standard output)")
        ->type_name("FILE");
    app.add_flag("--expand", expand_, "replace composite operations by primitives");
  }

  int run(Context& context) override {
    const std::vector<std::string> formats{"json", "dot"};
    if (std::find(formats.begin(), formats.end(), format_) == formats.end())
      throw unknown_name("--format", "format", format_, formats);
    network_.resolve();
    const auto space = network_.space();
    NetworkGraph graph = network_.network(*space);
    if (expand_) graph = expand(graph, builtin_operations()).graph;
    const std::string text = format_ == "dot" ? graph.to_dot() : graph.to_json();
    if (output_.empty())
      context.out << text;
    else
      write_file_atomic(output_, text);
    return 0;
  }

 private:
  NetworkOptions network_;
  std::string format_ = "json";
  std::string output_;
  bool expand_ = false;
};

}  // namespace

std::unique_ptr<Command> export_command() { return std::make_unique<ExportCommand>(); }

}  // namespace nasmyth
