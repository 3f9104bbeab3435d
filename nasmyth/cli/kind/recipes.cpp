#include "nasmyth/cli/kind.h"
#include "nasmyth/train/recipe.h"

namespace nasmyth {
namespace {

class RecipesKind : public Kind {
 public:
  std::string singular() const override { return "recipe"; }
  std::string help() const override { return "ways to train a network"; }

  std::vector<KindEntry> entries() const override {
    std::vector<KindEntry> entries;
    for (const auto& recipe : recipes()) entries.push_back({recipe.name, recipe.help});
    return entries;
  }

  KindDescription describe(std::string_view name, const OptionMap& settings) const override {
    const OptionMap values = print_options(make_recipe(name, settings, "recipe"));
    KindDescription d{std::string(name), {}, option_infos<RecipeOptions>(), {}, {}};
    for (const auto& recipe : recipes())
      if (recipe.name == name) d.help = recipe.help;
    for (auto& option : d.options) option.default_value = values.at(option.name);
    return d;
  }
};

}  // namespace

std::unique_ptr<Kind> recipes_kind() { return std::make_unique<RecipesKind>(); }

}  // namespace nasmyth
