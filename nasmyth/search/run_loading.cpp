#include "nasmyth/search/run_loading.h"

#include "nasmyth/core/json.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/supernet/discretizer.h"

namespace nasmyth {
namespace {

// What the run's discretiser makes of the architecture parameters that were saved last.
OptionWeights saved_scores(const RunDirectory& directory, const SearchConfiguration& configuration,
                           const SearchSpace& space) {
  const OptionWeights logits =
      logits_from_json(*space.choices(), directory.read(RunDirectory::kLogits),
                       directory.file(RunDirectory::kLogits).string());
  RandomStream random = configuration.stream("search").fork("discretizer");
  return make_discretizer(configuration.gradient.discretizer)
      ->scores(*space.choices(), logits, random);
}

}  // namespace

Form form_of(const Dataset& data, FormRole role) {
  Form form;
  form.role = role;
  form.input = {static_cast<int>(data.channels), static_cast<int>(data.height),
                static_cast<int>(data.width)};
  form.classes = static_cast<int>(data.classes.size());
  return form;
}

NetworkGraph open_network(const SearchSpace& space, const Form& form) {
  auto graph = space.graph(form);
  if (!graph)
    throw Error(ErrorKind::kUnsupported, "space",
                "its networks are no sub-networks of one open network",
                "choose a space with an open network");
  return std::move(*graph);
}

SearchConfiguration load_configuration(const RunDirectory& directory) {
  std::optional<std::string> space;
  if (directory.has(RunDirectory::kSpace)) space = directory.read(RunDirectory::kSpace);
  return SearchConfiguration::read(
      Configuration::load(directory.file(RunDirectory::kConfiguration)), space);
}

void write_configuration(const RunDirectory& directory, const SearchConfiguration& configuration) {
  if (directory.has(RunDirectory::kConfiguration)) return;
  if (!configuration.space_content.empty())
    directory.write(RunDirectory::kSpace, configuration.space_content);
  directory.write(RunDirectory::kConfiguration, configuration.to_yaml());
}

std::string architecture_text(const RunDirectory& directory) {
  const std::string text = directory.read(RunDirectory::kArchitecture);
  const Json json = parse_json(text, directory.file(RunDirectory::kArchitecture).string());
  return json.is_string() ? json.get<std::string>() : text;
}

Architecture found_architecture(const RunDirectory& directory, const SearchSpace& space) {
  if (!directory.has(RunDirectory::kArchitecture))
    throw Error(ErrorKind::kIo, directory.path().string(), "the run has not found its network yet",
                "let it finish: nasmyth search --resume " + directory.path().string());
  const std::string where = directory.file(RunDirectory::kArchitecture).string();
  const std::string text = architecture_text(directory);
  try {
    return space.architecture(text);
  } catch (const Error& e) {
    throw Error(ErrorKind::kUnsupported, where,
                "its network is none of the space's choices: " + e.fault(),
                "use a run that was searched, or trained by an architecture of the space");
  }
}

LoadedNetwork load_network(const RunDirectory& directory) {
  if (!directory.has(RunDirectory::kGraph) || !directory.has(RunDirectory::kWeights))
    throw Error(ErrorKind::kIo, directory.path().string(), "the run has no trained network yet",
                "let it finish, or use a run that has network.json and weights.bin");
  const std::string graph = directory.file(RunDirectory::kGraph).string();
  const std::string weights = directory.file(RunDirectory::kWeights).string();
  return {NetworkGraph::from_json(directory.read(RunDirectory::kGraph), graph),
          ParameterStore::deserialize(directory.read(RunDirectory::kWeights), weights)};
}

RunDerivation derive_run(const RunDirectory& directory, const SearchConfiguration& configuration,
                         const SearchSpace& space, const Dataset& data,
                         const std::vector<Limit>& limits) {
  const NetworkGraph target = open_network(space, form_of(data, FormRole::kTarget));
  const SelectionProblem problem(target, builtin_operations(), limits);
  RunDerivation result;
  if (limits == configuration.limits && directory.has(RunDirectory::kArchitecture)) {
    result.finished = true;
    result.selection.architecture = found_architecture(directory, space);
    for (std::size_t i = 0; i < limits.size(); ++i)
      result.selection.costs.push_back(problem.cost(i, result.selection.architecture));
  } else if (directory.has(RunDirectory::kLogits)) {
    result.scored = true;
    result.selection = problem.select(saved_scores(directory, configuration, space));
  } else {
    if (directory.has(RunDirectory::kResult))
      throw Error(ErrorKind::kUnsupported, directory.path().string(),
                  "the run has no architecture parameters to derive from",
                  "derive from a run of a gradient search");
    const Feasibility feasibility = problem.feasibility();
    if (!feasibility.feasible) throw feasibility.error();
    result.selection = *feasibility.incumbent;
  }
  result.genotype = space.genotype(result.selection.architecture);
  return result;
}

}  // namespace nasmyth
