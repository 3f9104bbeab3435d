#include "nasmyth/space/file/file_space.h"

#include <algorithm>
#include <cmath>

#include "nasmyth/space/file/network_reader.h"

namespace nasmyth {
namespace {

constexpr int kGreatestSize = 65536;

int whole_number(const DocumentErrors& errors, const DocumentNode& node, const char* what) {
  double value = std::nan("");
  if (node.is_scalar() && node.text.size() < 8)
    value = parse_number(node.text, errors.at(node.place));
  if (value != std::floor(value) || value < 1 || value > kGreatestSize)
    throw errors.error(
        node,
        "'" + std::string(what) + "' is a whole number from 1 to 65536; got " + describe(node), {},
        ErrorKind::kOutOfRange);
  return static_cast<int>(value);
}

std::vector<char> read_by(const NetworkGraph& graph) {
  std::vector<char> read(static_cast<std::size_t>(graph.choices()->size()), 0);
  for (int c : graph.open_choices()) read[static_cast<std::size_t>(c)] = 1;
  return read;
}

}  // namespace

FileSpace::FileSpace(std::string_view yaml, const std::string& file, const OptionMap& parameters)
    : errors_(file),
      root_(std::make_shared<DocumentNode>(parse_document(yaml, file))),
      options_(parameters) {
  read_head();
  read_forms();
}

void FileSpace::read_head() {
  if (const auto* text = root_->find("description")) {
    if (!text->is_scalar())
      throw errors_.error(*text, "'description' is a text; got " + describe(*text));
    description_ = text->text;
  }
  if (const auto* input = root_->find("input")) {
    if (!input->is_list() || input->items.size() != 3)
      throw errors_.error(*input, "'input' is a list of three sizes; got " + describe(*input),
                          "write [channels, height, width], for instance [3, 32, 32]");
    example_.input = {whole_number(errors_, input->items[0], "channels"),
                      whole_number(errors_, input->items[1], "height"),
                      whole_number(errors_, input->items[2], "width")};
  }
  if (const auto* classes = root_->find("classes"))
    example_.classes = whole_number(errors_, *classes, "classes");
  infos_ = read_parameters(errors_, *root_);
}

// The target form first: its choices come first, those of the search form alone after them.
void FileSpace::read_forms() {
  example_.role = FormRole::kTarget;
  Interpretation target(errors_, example_, nullptr);
  read_network(target, *root_, options_);
  const ChoiceSet first(target.builder.choices(), target.constraints());
  Form search_form = example_;
  search_form.role = FormRole::kSearch;
  Interpretation search(errors_, search_form, &first);
  read_network(search, *root_, options_);
  choices_ = std::make_shared<ChoiceSet>(search.builder.choices(), search.constraints());
  warnings_ = target.remarks();
  for (const auto& [name, place] : target.declared())
    if (!target.used().contains(name) && !search.used().contains(name))
      warnings_.push_back(errors_.at(place) + ": the " + name + " is never used");
  for (const auto& [name, place] : search.declared())
    if (!target.declared().contains(name) && !search.used().contains(name))
      warnings_.push_back(errors_.at(place) + ": the " + name + " is never used");
  const auto in_target = read_by(*graph(example_)), in_search = read_by(*graph(search_form));
  for (std::size_t c = 0; c < in_target.size(); ++c) {
    const std::string name = "the choice '" + (*choices_)[static_cast<int>(c)].name + "' ";
    const std::string declared = "choice '" + (*choices_)[static_cast<int>(c)].name + "'";
    if (target.declared().contains(declared) && !target.used().contains(declared) &&
        !search.used().contains(declared))
      continue;  // named above
    if (!in_target[c] && !in_search[c])
      warnings_.push_back(errors_.file() + ": " + name + "changes nothing in the network");
    else if (!in_target[c])
      warnings_.push_back(errors_.file() + ": " + name +
                          "acts in the search form only: it changes no cost");
    else if (!in_search[c])
      warnings_.push_back(errors_.file() + ": " + name +
                          "acts in the target form only: a search cannot learn it");
  }
}

std::optional<NetworkGraph> FileSpace::graph(const Form& form) const {
  Interpretation in(errors_, form, choices_.get());
  read_network(in, *root_, options_);
  if (static_cast<int>(in.builder.choices().size()) != choices_->size() ||
      in.constraints().size() != choices_->constraints().size())
    throw Error(ErrorKind::kInvalidData, errors_.file(),
                "its choices depend on the input or the number of classes",
                "let choices and constraints depend on parameters only");
  return in.builder.build().with_outputs({});
}

}  // namespace nasmyth
