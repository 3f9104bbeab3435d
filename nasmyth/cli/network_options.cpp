#include "nasmyth/cli/network_options.h"

#include <filesystem>

#include "nasmyth/core/file.h"
#include "nasmyth/core/text.h"
#include "nasmyth/space/choice_rules.h"
#include "nasmyth/space/space_source.h"

namespace nasmyth {
namespace {

int small_number(std::string_view text, std::string_view where, std::string_view remedy) {
  int value = 0;
  const bool digits = !text.empty() && text.size() < 7 &&
                      text.find_first_not_of("0123456789") == std::string_view::npos;
  if (digits) value = std::stoi(std::string(text));
  if (value < 1 || value > 65536)
    throw Error(ErrorKind::kOutOfRange, where,
                "expected a whole number from 1 to 65536; got '" + std::string(text) + "'", remedy);
  return value;
}

bool names_a_file(const std::string& text) {
  std::error_code ignored;
  return text.size() < 1024 && std::filesystem::is_regular_file(text, ignored);
}

}  // namespace

ImageSpec parse_image_spec(std::string_view text, std::string_view where) {
  constexpr std::string_view kRemedy = "try channels x height x width, for instance 3x32x32";
  std::vector<int> sizes;
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find('x', at), text.size());
    sizes.push_back(small_number(text.substr(at, end - at), where, kRemedy));
    at = end + 1;
  }
  if (sizes.size() != 3)
    throw Error(ErrorKind::kInvalidArgument, where,
                "expected three sizes; got '" + std::string(text) + "'", kRemedy);
  return {sizes[0], sizes[1], sizes[2]};
}

void NetworkOptions::add_space(Arguments arguments) {
  arguments.add("--space", space_, "NAME|FILE",
                "search space (see `nasmyth list spaces`), or a space file (YAML)");
  arguments.add_repeated("--set", settings_, "KEY=VALUE",
                         "an option of the space; may be repeated");
  arguments.add("--config", config_, "FILE",
                "configuration file (YAML); other options win over it");
}

void NetworkOptions::add_form(Arguments arguments) {
  arguments.add("--form", form_, "search|target",
                "target: what is deployed; search: what is trained with choices open "
                "(default: target)");
  arguments.add("--input", input_, "CxHxW",
                "channels, height and width of an image (default: 3x32x32)");
  arguments.add("--classes", classes_, "N", "number of classes (default: 10)");
}

void NetworkOptions::add_architecture(Arguments arguments) {
  arguments.add("--architecture", architecture_, "TEXT|FILE|NAME",
                "published name, genotype text, choice=option;..., or a file with one of these");
}

void NetworkOptions::resolve() {
  if (!config_.empty()) configuration_ = Configuration::load(config_);
  auto fall_back = [&](std::string& value, const char* key) {
    if (const auto configured = configuration_.get(key); value.empty() && configured)
      value = *configured;
  };
  fall_back(space_, "space.name");
  fall_back(architecture_, "architecture");
  fall_back(form_, "form");
  fall_back(input_, "input");
  fall_back(classes_, "classes");
  for (const auto& setting : settings_)
    configuration_.set(setting.starts_with("space.") || setting.starts_with("choices.")
                           ? setting
                           : "space." + setting);
}

std::unique_ptr<SearchSpace> NetworkOptions::space() const {
  if (space_.empty())
    throw Error(ErrorKind::kInvalidArgument, "--space", "no search space is given",
                "try one of: " + join(search_spaces().names(), ", "));
  OptionMap options = configuration_.section("space");
  options.erase("name");
  return restrict_space(open_space(space_, options, "--space"), ChoiceRules::read(configuration_));
}

Form NetworkOptions::form() const {
  Form form;
  if (form_ == "search") {
    form.role = FormRole::kSearch;
  } else if (!form_.empty() && form_ != "target") {
    throw unknown_name("--form", "form", form_, std::vector<std::string>{"search", "target"});
  }
  if (!input_.empty()) form.input = parse_image_spec(input_, "--input");
  if (!classes_.empty())
    form.classes =
        small_number(classes_, "--classes", "try the number of classes, for instance 10");
  return form;
}

void NetworkOptions::fall_back(const ImageSpec& input, int classes) {
  if (input_.empty())
    input_ = std::to_string(input.channels) + "x" + std::to_string(input.height) + "x" +
             std::to_string(input.width);
  if (classes_.empty()) classes_ = std::to_string(classes);
}

void NetworkOptions::fall_back(const SearchSpace& space) {
  const Form example = space.example();
  fall_back(example.input, example.classes);
}

std::string NetworkOptions::architecture_text() const {
  if (!names_a_file(architecture_)) return architecture_;
  return std::string(trim(read_file(architecture_)));
}

NetworkGraph NetworkOptions::network(const SearchSpace& space) const {
  if (has_architecture()) return space.network_from_text(architecture_text(), form());
  if (auto graph = space.graph(form())) return std::move(*graph);
  throw Error(ErrorKind::kUnsupported, "--architecture",
              "the space '" + space_ + "' has no open network", "name an architecture");
}

}  // namespace nasmyth
