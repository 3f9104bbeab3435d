#include "nasmyth/report/node_words.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "nasmyth/core/options.h"
#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

constexpr std::string_view kTimes = "\xc3\x97";
constexpr std::string_view kDot = " \xc2\xb7 ";

bool contains(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](auto word) { return text.find(word) != std::string_view::npos; });
}

double number(const Node& node, const char* name, double fallback) {
  const auto it = node.attributes.find(name);
  if (it == node.attributes.end()) return fallback;
  const auto* value = std::get_if<ChoiceFunction>(&it->second);
  return value && value->is_constant() ? value->constant() : fallback;
}

}  // namespace

std::string family_of(const std::string& operation) {
  if (operation == "input") return "input";
  if (contains(operation, {"attention", "squeeze"})) return "attention";
  if (contains(operation, {"pool", "factorized_reduce"})) return "pool";
  if (contains(operation,
               {"mbconv", "separable", "sep_", "dil_", "bottleneck", "residual", "inception"}))
    return "block";
  if (contains(operation, {"conv"})) return "conv";
  if (contains(operation, {"linear", "matmul"})) return "linear";
  if (contains(operation, {"identity", "skip", "none", "zero"})) return "skip";
  return "plain";
}

std::string detail_of(const Node& node) {
  std::vector<std::string> parts;
  const auto kernel = number(node, "kernel", 0);
  if (kernel > 0)
    parts.push_back(print_number(kernel) + std::string(kTimes) + print_number(kernel));
  if (const double stride = number(node, "stride", 1); stride != 1)
    parts.push_back("stride " + print_number(stride));
  if (const double dilation = number(node, "dilation", 1); dilation != 1)
    parts.push_back("dilation " + print_number(dilation));
  if (const double hidden = number(node, "hidden", 0); hidden > 0)
    parts.push_back("hidden " + print_number(hidden));
  if (number(node, "squeeze_excitation", 0) > 0) parts.emplace_back("SE");
  if (number(node, "residual", 0) > 0) parts.emplace_back("shortcut");
  return join(parts, kDot);
}

std::string tip_of(const Node& node) {
  std::string tip = node.scope + "\n" + node.operation;
  for (const auto& [name, attribute] : node.attributes) {
    const auto* word = std::get_if<std::string>(&attribute);
    const auto* value = std::get_if<ChoiceFunction>(&attribute);
    tip += "\n" + name + " ";
    tip += word ? *word : value->is_constant() ? print_number(value->constant()) : value->source();
  }
  return tip;
}

}  // namespace nasmyth
