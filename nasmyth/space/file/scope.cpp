#include "nasmyth/space/file/scope.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "nasmyth/core/options.h"

namespace nasmyth {
namespace {

constexpr std::size_t kMostOptions = 64;
constexpr std::size_t kLongestLabel = 64;
constexpr double kGreatestValue = 65536;

const std::vector<std::string>& symbols() {
  static const std::vector<std::string> kSymbols{
      "classes", "input_channels", "input_height", "input_width", "true",
      "false",   "index",          "in_channels",  "in_height",   "in_width"};
  return kSymbols;
}

bool is_symbol(std::string_view name) {
  return std::find(symbols().begin(), symbols().end(), name) != symbols().end();
}

std::optional<SpaceValue> find_symbol(const Form& form, std::string_view name) {
  if (name == "classes") return SpaceValue::of(form.classes);
  if (name == "input_channels") return SpaceValue::of(form.input.channels);
  if (name == "input_height") return SpaceValue::of(form.input.height);
  if (name == "input_width") return SpaceValue::of(form.input.width);
  if (name == "true") return SpaceValue::of(1);
  if (name == "false") return SpaceValue::of(0);
  return std::nullopt;
}

// The value of a choice of the network: its numbers, or the choice between words.
SpaceValue value_of_choice(const std::vector<Choice>& choices, int index) {
  const Choice& choice = choices[static_cast<std::size_t>(index)];
  std::vector<double> values;
  for (const auto& option : choice.options)
    if (option.value) values.push_back(*option.value);
  SpaceValue result;
  if (values.size() == choice.options.size())
    result = SpaceValue::of(ChoiceFunction::of(index, std::move(values), choice.name));
  else
    result.kind = SpaceValue::Kind::kChoice;
  result.choice = index;
  return result;
}

int find_choice(const std::vector<Choice>& choices, std::string_view name) {
  for (std::size_t i = 0; i < choices.size(); ++i)
    if (choices[i].name == name) return static_cast<int>(i);
  return -1;
}

void check_label(Interpretation& in, const DocumentNode& at, const std::string& label) {
  const auto good = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("_+-.").find(c) != std::string_view::npos;
  };
  if (label.empty() || label.size() > kLongestLabel ||
      !std::all_of(label.begin(), label.end(), good))
    throw in.errors.error(at, "'" + label.substr(0, kLongestLabel) + "' is no name of an option",
                          "use letters, digits and _ + - .");
}

void check_options(Interpretation& in, const DocumentNode& at, const Choice& choice) {
  if (choice.options.empty())
    throw in.errors.error(at, "the choice '" + choice.name + "' has no options", "give some");
  if (choice.options.size() > kMostOptions)
    throw in.errors.error(at,
                          "the choice '" + choice.name + "' has more than " +
                              std::to_string(kMostOptions) + " options",
                          "use fewer", ErrorKind::kOutOfRange);
  bool derivable = false;
  for (int o = 0; o < choice.size(); ++o) {
    const Option& option = choice.options[static_cast<std::size_t>(o)];
    check_label(in, at, option.label);
    if (choice.index_of(option.label) != o)
      throw in.errors.error(at, "the option '" + option.label + "' stands twice", "keep one");
    derivable = derivable || !option.search_only;
  }
  if (!derivable)
    throw in.errors.error(at, "all options of '" + choice.name + "' are search_only",
                          "leave one that can be derived");
}

void mark_search_only(Interpretation& in, const DocumentNode& at, Choice& choice,
                      const std::vector<std::string>& labels) {
  for (const auto& label : labels) {
    const int o = choice.index_of(label);
    if (o < 0)
      throw unknown_name(in.errors.at(at.place), "option of '" + choice.name + "'", label,
                         choice.labels());
    choice.options[static_cast<std::size_t>(o)].search_only = true;
  }
}

// `options: {small: 8, large: 16}`: numbers with labels.
SpaceValue labelled_values(Interpretation& in, const DocumentNode& options, const NameTable& names,
                           const std::string& name, const ChoiceForm& form) {
  Choice choice{name, {}, true};
  for (const auto& [label, node] : options.entries) {
    const SpaceValue value = read_value(in, node, names, {});
    if (!value.is_constant())
      throw in.errors.error(node, "an option is " + describe(value, names.choices()),
                            "give a number for each label, or a list of words");
    choice.options.push_back({label.text, value.number.constant(),
                              std::uint64_t{1} << (choice.options.size() % 64), false});
  }
  mark_search_only(in, options, choice, form.search_only);
  check_options(in, options, choice);
  if (choice.size() == 1) return SpaceValue::of(*choice.options[0].value);
  const int index = in.choice(options, std::move(choice));
  return value_of_choice(in.builder.choices(), index);
}

SpaceValue declared_choice(Interpretation& in, const DocumentNode& node, const NameTable& names,
                           const std::string& name) {
  if (!node.is_map()) return make_choice(in, node, name, read_value(in, node, names, {}));
  in.errors.check_keys(node, {"values", "options", "ordered", "search_only"}, "key of a choice");
  ChoiceForm form;
  form.search_only = read_words(in, node.find("search_only"));
  if (const auto* ordered = node.find("ordered"))
    form.ordered =
        read_whole(in, *ordered, read_value(in, *ordered, names, {}), 0, 1, "ordered", names) != 0;
  const DocumentNode* values = node.find("values");
  const DocumentNode* options = node.find("options");
  if ((values == nullptr) == (options == nullptr))
    throw in.errors.error(node, "a choice needs either 'values' or 'options'",
                          "write {values: [8, 16]} or {options: [skip, conv_bn]}");
  if (options && options->is_map()) return labelled_values(in, *options, names, name, form);
  const DocumentNode& list = values ? *values : *options;
  return make_choice(in, list, name, read_value(in, list, names, {}), form);
}

}  // namespace

Scope::Scope(Interpretation& in, const Scope* outer, std::string prefix, std::string owner)
    : in_(in), outer_(outer), prefix_(std::move(prefix)), owner_(std::move(owner)) {}

std::optional<SpaceValue> Scope::find(std::string_view name) const {
  if (const auto it = entries_.find(name); it != entries_.end()) {
    if (!it->second.use.empty()) in_.use(it->second.use);
    return it->second.value;
  }
  std::string choice_path(name);
  std::replace(choice_path.begin(), choice_path.end(), '.', '/');
  if (const int c = find_choice(choices(), path(choice_path));
      c >= 0 && in_.made().contains(path(choice_path)))
    return value_of_choice(choices(), c);
  return outer_ ? outer_->find(name) : find_symbol(in_.form, name);
}

std::vector<std::string> Scope::known() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  if (outer_) {
    for (auto& name : outer_->known()) names.push_back(std::move(name));
    return names;
  }
  for (const auto& choice : choices()) {
    std::string name = choice.name;
    std::replace(name.begin(), name.end(), '/', '.');
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  for (const auto& name : symbols())
    if (find_symbol(in_.form, name)) names.push_back(name);
  return names;
}

std::vector<std::string> Scope::words() const {
  std::vector<std::string> words = in_.operations.names();
  words.insert(words.end(), in_.templates.begin(), in_.templates.end());
  words.insert(words.end(), {"none", "depthwise"});
  return words;
}

bool Scope::is_word(std::string_view text) const {
  return text == "none" || text == "depthwise" || in_.operations.find(text) != nullptr ||
         in_.templates.contains(text);
}

void Scope::declare(const DocumentNode& at, const std::string& name, SpaceValue value,
                    std::string_view what) {
  check_name(in_, at, name, what.empty() ? "parameter" : what);
  if (is_symbol(name))
    throw in_.errors.error(at, "the name '" + name + "' has a meaning of its own",
                           "take another name");
  std::string use;
  if (!what.empty()) use = std::string(what) + " '" + name + "'" + owner_;
  if (!entries_.emplace(name, Entry{std::move(value), use}).second)
    throw in_.errors.error(at, "the name '" + name + "' stands for two things",
                           "give a parameter and a choice different names");
  if (!use.empty()) in_.declare(use, at);
}

void Scope::declare_choices(const DocumentNode* section) {
  if (!section || section->is_null()) return;
  if (!section->is_map())
    throw in_.errors.error(*section, "'choices' is a map of names; got " + describe(*section),
                           "write choices: {width: [8, 16]}");
  for (const auto& [name, node] : section->entries)
    declare(name, name.text, declared_choice(in_, node, *this, path(name.text)), "choice");
}

void Scope::read_constraints(const DocumentNode* section) const {
  if (!section || section->is_null()) return;
  if (!section->is_list())
    throw in_.errors.error(*section, "'constraints' is a list; got " + describe(*section),
                           "write one condition a line, each after '- '");
  for (const auto& node : section->items) {
    const SpaceValue holds = read_value(in_, node, *this, {});
    if (!holds.is_number())
      throw in_.errors.error(node, "a constraint is a condition; got " + describe(holds, choices()),
                             "write for instance stage1.width >= stage0.width");
    in_.constraint(node, holds.number);
  }
}

std::optional<SpaceValue> NodeScope::find(std::string_view name) const {
  if (name == "index") return SpaceValue::of(index_);
  const int dim = name == "in_channels" ? 0 : name == "in_height" ? 1 : name == "in_width" ? 2 : -1;
  if (dim < 0) return scope_.find(name);
  if (input_ < 0) return std::nullopt;
  const TensorShape& shape = scope_.in().shape(input_);
  if (dim >= shape.rank()) return std::nullopt;
  return SpaceValue::of(shape[dim]);
}

std::vector<std::string> NodeScope::known() const {
  std::vector<std::string> names = scope_.known();
  for (const char* name : {"index", "in_channels", "in_height", "in_width"}) names.push_back(name);
  return names;
}

SpaceValue read_value(Interpretation& in, const DocumentNode& node, const NameTable& names,
                      const std::string& own_choice) {
  in.step(node);
  if (node.is_null())
    throw in.errors.error(node, "a value is missing", "write one after the colon");
  if (node.is_scalar()) return evaluate(node.text, node.quoted, names, in.errors.at(node.place));
  if (node.is_list()) {
    std::vector<SpaceValue> items;
    for (const auto& item : node.items) items.push_back(read_value(in, item, names, {}));
    return SpaceValue::of_list(std::move(items));
  }
  const DocumentNode* search = node.find("search");
  const DocumentNode* target = node.find("target");
  if (search && target && node.entries.size() == 2)
    return read_value(in, in.form.role == FormRole::kSearch ? *search : *target, names, own_choice);
  const DocumentNode* choose = node.find("choose");
  if (!choose || node.entries.size() != 1)
    throw in.errors.error(node, "a value is " + describe(node),
                          "write a number, a word, {search: a, target: b} or {choose: [a, b]}");
  if (own_choice.empty())
    throw in.errors.error(node, "no choice can be made here",
                          "declare it under 'choices' and use its name");
  return make_choice(in, *choose, own_choice, read_value(in, *choose, names, {}));
}

SpaceValue make_choice(Interpretation& in, const DocumentNode& at, const std::string& name,
                       const SpaceValue& list, const ChoiceForm& form) {
  if (list.kind != SpaceValue::Kind::kList)
    throw in.errors.error(at, "a choice needs a list; got " + describe(list, in.builder.choices()),
                          "write for instance [8, 12, 16]");
  std::vector<double> values;
  std::vector<std::string> words;
  for (const auto& item : list.items) {
    if (item.is_constant()) values.push_back(item.number.constant());
    if (item.kind == SpaceValue::Kind::kWord) words.push_back(item.word);
  }
  if (words.size() != list.items.size() && values.size() != list.items.size())
    throw in.errors.error(at, "the options of a choice are not all numbers or all words",
                          "write numbers, or words");
  if (list.items.size() > kMostOptions)
    throw in.errors.error(
        at, "the choice '" + name + "' has more than " + std::to_string(kMostOptions) + " options",
        "use fewer", ErrorKind::kOutOfRange);
  Choice choice = words.empty() ? value_of(name, values) : one_of(name, words);
  choice.ordered = choice.ordered || form.ordered;
  mark_search_only(in, at, choice, form.search_only);
  check_options(in, at, choice);
  if (choice.size() == 1) return words.empty() ? SpaceValue::of(values[0]) : list;
  const int index = in.choice(at, std::move(choice));
  return value_of_choice(in.builder.choices(), index);
}

std::vector<std::string> read_words(const Interpretation& in, const DocumentNode* node) {
  std::vector<std::string> words;
  if (!node) return words;
  if (!node->is_list())
    throw in.errors.error(*node, "expected a list of words; got " + describe(*node),
                          "write [none]");
  for (const auto& item : node->items) {
    const bool label = item.is_scalar() && !item.text.empty();
    if (!label)
      throw in.errors.error(item, "expected a word; got " + describe(item), "write [none]");
    words.push_back(item.text);
  }
  return words;
}

int read_whole(Interpretation& in, const DocumentNode& at, const SpaceValue& value, int least,
               int most, std::string_view what, const NameTable& names) {
  const double number = value.is_constant() ? value.number.constant() : std::nan("");
  if (number != std::floor(number) || number < least || number > most ||
      std::abs(number) > kGreatestValue)
    throw in.errors.error(at,
                          "'" + std::string(what) + "' is a whole number from " +
                              std::to_string(least) + " to " + std::to_string(most) + "; got " +
                              describe(value, names.choices()),
                          {}, ErrorKind::kOutOfRange);
  return static_cast<int>(number);
}

}  // namespace nasmyth
