#include "nasmyth/space/file/interpretation.h"

#include <algorithm>
#include <cctype>

#include "nasmyth/operation/builtin.h"

namespace nasmyth {
namespace {

constexpr int kMostNodes = 20'000;
constexpr std::size_t kMostPrimitives = 100'000;
constexpr std::size_t kMostChoices = 2'000;
constexpr std::int64_t kMostSteps = 50'000;
constexpr std::int64_t kMostWork = 20'000'000;  // entries of tables
constexpr std::size_t kMostWorkOfNode = 500'000;
constexpr double kMostMacs = 1e14, kMostElements = 1e11;  // of one primitive
constexpr std::size_t kLongestName = 64;

double greatest(const std::vector<ChoiceFunction>& dims) {
  double product = 1;
  for (const auto& d : dims) product *= d.maximum();
  return product;
}

}  // namespace

Interpretation::Interpretation(const DocumentErrors& file_errors, const Form& wanted,
                               const ChoiceSet* known)
    : errors(file_errors),
      operations(builtin_operations()),
      form(wanted),
      builder(known ? GraphBuilder(*known) : GraphBuilder()),
      expander_(operations, wanted.input.height == 1 && wanted.input.width > 1) {
  if (known) constraints_ = known->constraints();
}

void Interpretation::step(const DocumentNode& at) {
  if (++steps_ > kMostSteps)
    throw errors.error(at, "the file unfolds to more than " + std::to_string(kMostSteps) + " steps",
                       "use fewer repetitions", ErrorKind::kOutOfRange);
}

void Interpretation::spend(std::size_t work) {
  work_ += static_cast<std::int64_t>(work);
  if (work_ > kMostWork)
    throw Error(ErrorKind::kOutOfRange, errors.file(),
                "its sizes depend on too many choices at once",
                "let widths and kernels read fewer choices");
}

Error Interpretation::located(const DocumentNode& at, const Error& error,
                              std::string_view context) const {
  std::string text = error.what();
  if (const std::string head = "[" + error.where() + "] "; text.starts_with(head))
    text.erase(0, head.size());
  const bool scope = !error.where().empty() && error.where() != errors.file();
  const std::string before = scope ? error.where() + ": " : "";
  return Error(error.kind(), errors.at(at.place), before + text + std::string(context));
}

std::string Interpretation::node_text(int node) const {
  return "'" + builder.nodes()[static_cast<std::size_t>(node)].scope + "' " +
         to_string(shape(node));
}

int Interpretation::add(const DocumentNode& at, Node node) {
  step(at);
  if (builder.size() >= kMostNodes)
    throw errors.error(at, "the network has more than " + std::to_string(kMostNodes) + " nodes",
                       "use fewer repetitions", ErrorKind::kOutOfRange);
  if (const auto key = node.keys.find(""); key != node.keys.end()) {
    const auto [known, fresh] = shared_.emplace(key->second, node.operation);
    if (known->second != node.operation)
      throw errors.error(at,
                         "'" + key->second + "' shares the weights of " + known->second + " with " +
                             node.operation,
                         "share weights between equal operations only");
  }
  check_work(at, node);
  Node copy = node;
  for (int& i : copy.inputs) i = expanded_[static_cast<std::size_t>(i)];
  const std::size_t first = expander_.nodes().size();
  try {
    expanded_.push_back(expander_.put(std::move(copy)));
    check_sizes(at, first);
    return builder.add(std::move(node));
  } catch (const Error& e) {
    if (e.where() == errors.at(at.place)) throw;
    std::string reads;
    for (std::size_t i = 0; e.kind() == ErrorKind::kShape && i < node.inputs.size(); ++i)
      reads += (i == 0                        ? "; it reads "
                : i + 1 == node.inputs.size() ? " and "
                                              : ", ") +
               node_text(node.inputs[i]);
    throw located(at, e, reads);
  }
}

// Shapes are tables over choices: their product bounds the work of inferring the next ones.
void Interpretation::check_work(const DocumentNode& at, const Node& node) {
  std::map<int, int> dims;
  const auto collect = [&](const ChoiceFunction& f) {
    for (std::size_t i = 0; i < f.scope().size(); ++i) dims[f.scope()[i]] = f.dims()[i];
  };
  for (const auto& [name, attribute] : node.attributes)
    if (const auto* f = std::get_if<ChoiceFunction>(&attribute)) collect(*f);
  const bool added = node.operation == "concat";  // widths of all inputs; others have equal ones
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (i < 2 || added)
      for (const auto& d : shape(node.inputs[i]).dims) collect(d);
  std::size_t entries = 1;
  for (const auto& [choice, size] : dims) {
    entries *= static_cast<std::size_t>(size);
    if (entries > kMostWorkOfNode)
      throw errors.error(at, node.scope + ": its size depends on too many choices at once",
                         "let it read fewer choices", ErrorKind::kOutOfRange);
  }
  spend(entries * std::max<std::size_t>(1, node.inputs.size()));
}

// No size of the network may leave what counts and memory can hold.
void Interpretation::check_sizes(const DocumentNode& at, std::size_t first) {
  const auto& nodes = expander_.nodes();
  if (nodes.size() > kMostPrimitives)
    throw errors.error(
        at, "the network has more than " + std::to_string(kMostPrimitives) + " operations",
        "use fewer repetitions", ErrorKind::kOutOfRange);
  for (std::size_t i = first; i < nodes.size(); ++i) {
    std::vector<TensorShape> inputs;
    for (int j : nodes[i].inputs) inputs.push_back(expander_.shape(j));
    const TensorShape& output = expander_.shape(static_cast<int>(i));
    std::size_t table = 0;
    for (const auto& d : output.dims) table += d.values().size();
    spend(table);
    double most = greatest(output.dims), macs = 0;
    const double area = output.rank() == 3 ? output[1].maximum() * output[2].maximum() : 1;
    for (const auto& spec :
         operations.primitive(nodes[i].operation)->parameters(nodes[i], inputs, output)) {
      most = std::max(most, greatest(spec.shape));
      macs = std::max(macs, greatest(spec.shape) * area);
    }
    if (most > kMostElements || macs > kMostMacs)
      throw errors.error(at,
                         nodes[i].scope + ": " + nodes[i].operation + " of " + to_string(output) +
                             " is too large to store or to compute",
                         "use smaller sizes", ErrorKind::kOutOfRange);
  }
}

int Interpretation::choice(const DocumentNode& at, Choice choice) {
  if (!made_.insert(choice.name).second)
    throw errors.error(at, "the choice '" + choice.name + "' is made twice",
                       "give one of the two another name");
  if (made_.size() > kMostChoices)
    throw errors.error(at, "there are more than " + std::to_string(kMostChoices) + " choices",
                       "share choices between repetitions", ErrorKind::kOutOfRange);
  const std::string name = choice.name;
  try {
    return builder.choice(std::move(choice));
  } catch (const Error&) {
    throw errors.error(
        at,
        "the options of the choice '" + name + "' differ between forms or inputs of the network",
        "let them depend on parameters only");
  }
}

void Interpretation::constraint(const DocumentNode& at, const ChoiceFunction& holds) {
  if (holds.is_constant()) {
    if (holds.constant() == 0)
      throw errors.error(at, "the constraint is never met", "remove it or change it");
    remarks_.push_back(errors.at(at.place) + ": the constraint always holds");
    return;
  }
  ChoiceFunction f = combine(holds, 0, [](double x, double) { return x != 0 ? 0 : kInfinity; });
  if (f.minimum() != 0)
    throw errors.error(at, "the constraint is never met", "remove it or change it");
  if (f.maximum() == 0) {
    remarks_.push_back(errors.at(at.place) + ": the constraint always holds");
    return;
  }
  if (std::find(constraints_.begin(), constraints_.end(), f) == constraints_.end())
    constraints_.push_back(std::move(f));
}

void Interpretation::declare(const std::string& what, const DocumentNode& at) {
  declared_.emplace(what, at.place);
}

void check_name(const Interpretation& in, const DocumentNode& at, const std::string& name,
                std::string_view what) {
  const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  if (name.empty() || name.size() > kLongestName ||
      std::isdigit(static_cast<unsigned char>(name[0])) ||
      !std::all_of(name.begin(), name.end(), word))
    throw in.errors.error(
        at, "'" + name.substr(0, kLongestName) + "' is no name of a " + std::string(what),
        "use letters, digits and underscores, a letter first");
}

}  // namespace nasmyth
