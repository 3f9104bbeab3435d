#include "nasmyth/cli/kind.h"
#include "nasmyth/graph/operation_set.h"
#include "nasmyth/operation/builtin.h"

namespace nasmyth {
namespace {

std::string arity_text(std::pair<int, int> arity) {
  const auto [least, most] = arity;
  if (most < 0) return std::to_string(least) + " or more";
  if (least == most) return std::to_string(least);
  return std::to_string(least) + " to " + std::to_string(most);
}

class OperationsKind : public Kind {
 public:
  std::string singular() const override { return "operation"; }
  std::string help() const override { return "building blocks of networks"; }

  std::vector<KindEntry> entries() const override {
    const auto& operations = builtin_operations();
    std::vector<KindEntry> entries;
    for (const auto& name : operations.names())
      entries.push_back({name, operations.get(name, "list").help()});
    return entries;
  }

  KindDescription describe(std::string_view name, const OptionMap& settings) const override {
    check_option_names(settings, {}, "operation " + std::string(name));
    const auto& operations = builtin_operations();
    const Operation& operation = operations.get(name, "describe");
    KindDescription d{std::string(name), operation.help(), {}, {}, {}};
    for (const auto& attribute : operation.attributes())
      d.attributes.push_back({attribute.name, attribute.help, attribute.fallback});
    d.facts.emplace_back("sort", operations.primitive(name) ? "primitive" : "composite");
    d.facts.emplace_back("inputs", arity_text(operation.arity()));
    return d;
  }
};

}  // namespace

std::unique_ptr<Kind> operations_kind() { return std::make_unique<OperationsKind>(); }

}  // namespace nasmyth
