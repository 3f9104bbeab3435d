// The DARTS space (Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search",
// arXiv 1806.09055): two cells, each a small graph whose edges choose an operation and whose nodes
// choose two of their incoming edges.
#include <algorithm>

#include "nasmyth/space/darts/genotype.h"
#include "nasmyth/space/darts/macro_network.h"
#include "nasmyth/space/search_space.h"

namespace nasmyth {
namespace {

struct DartsOptions {
  int channels = 36;
  int layers = 20;
  int search_channels = 16;
  int search_layers = 8;
  int nodes = 4;
  std::vector<std::string> operations{"none",         "max_pool_3x3", "avg_pool_3x3",
                                      "skip_connect", "sep_conv_3x3", "sep_conv_5x5",
                                      "dil_conv_3x3", "dil_conv_5x5"};
  std::string stem = "cifar";
  bool auxiliary = false;
  bool drop_path = true;
};

void describe(OptionFields<DartsOptions>& f) {
  f.add("channels", &DartsOptions::channels,
        {"initial channels of the target form", "channels", 1, 4096})
      .add("layers", &DartsOptions::layers, {"cells of the target form", "cells", 1, 200})
      .add("search_channels", &DartsOptions::search_channels,
           {"initial channels of the search form", "channels", 1, 4096})
      .add("search_layers", &DartsOptions::search_layers,
           {"cells of the search form", "cells", 1, 200})
      .add("nodes", &DartsOptions::nodes, {"intermediate nodes of a cell", "nodes", 1, 8})
      .add("operations", &DartsOptions::operations,
           {"candidate operations of an edge; none is never derived",
            "",
            {},
            {},
            {"none", "noise", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3",
             "sep_conv_5x5", "sep_conv_7x7", "dil_conv_3x3", "dil_conv_5x5", "conv_7x1_1x7"}})
      .add("stem", &DartsOptions::stem,
           {"first layers of the target form", "", {}, {}, {"cifar", "imagenet"}})
      .add("auxiliary", &DartsOptions::auxiliary,
           {"auxiliary head in the target form (training only)"})
      .add("drop_path", &DartsOptions::drop_path,
           {"drop-path after each operation of the target form"});
}

std::string edge_name(const std::string& kind, int source, int node) {
  return kind + "/edge" + std::to_string(source) + "_" + std::to_string(node);
}
std::string inputs_name(const std::string& kind, int node) {
  return kind + "/node" + std::to_string(node) + "/inputs";
}

class DartsSpace : public SearchSpace {
 public:
  explicit DartsSpace(DartsOptions options) : options_(std::move(options)) {
    if (std::count(options_.operations.begin(), options_.operations.end(), "none") ==
        static_cast<std::ptrdiff_t>(options_.operations.size()))
      throw Error(ErrorKind::kInvalidArgument, "space darts.operations",
                  "no operation is left to derive", "name at least one beside none");
    GraphBuilder builder;
    for (const char* kind : {"normal", "reduce"}) declare_choices(builder, kind);
    choices_ = std::make_shared<ChoiceSet>(builder.choices());
  }

  const ChoiceSetPtr& choices() const override { return choices_; }

  std::optional<NetworkGraph> graph(const Form& form) const override {
    const bool search = form.role == FormRole::kSearch;
    return macro_network(macro_options(form), [&](GraphBuilder& b, const CellPlace& place) {
      // Both kinds are declared in every network, so that all forms have the same choices.
      if (b.choices().empty())
        for (const char* kind : {"normal", "reduce"}) declare_choices(b, kind);
      return open_cell(b, place, search);
    });
  }

  std::vector<std::string> published() const override { return published_genotypes(); }

  Architecture architecture(std::string_view text) const override {
    if (const Genotype* known = find_genotype(text)) return from_genotype(*known, text);
    if (text.starts_with("Genotype")) return from_genotype(parse_genotype(text), "genotype");
    return SearchSpace::architecture(text);
  }

  std::string genotype(const Architecture& architecture) const override {
    Genotype g;
    g.normal = edges_of(architecture, "normal");
    g.reduce = edges_of(architecture, "reduce");
    for (int i = 0; i < options_.nodes; ++i) {
      g.normal_concat.push_back(2 + i);
      g.reduce_concat.push_back(2 + i);
    }
    return print_genotype(g);
  }

  NetworkGraph network_from_text(std::string_view text, const Form& form) const override {
    if (const Genotype* known = find_genotype(text)) return genotype_network(*known, form);
    if (text.starts_with("Genotype")) return genotype_network(parse_genotype(text), form);
    return SearchSpace::network_from_text(text, form);
  }

 private:
  MacroOptions macro_options(const Form& form) const {
    const bool search = form.role == FormRole::kSearch;
    MacroOptions macro;
    macro.channels = search ? options_.search_channels : options_.channels;
    macro.layers = search ? options_.search_layers : options_.layers;
    macro.imagenet_stem = !search && options_.stem == "imagenet";
    macro.auxiliary = !search && options_.auxiliary;
    macro.affine = !search;
    macro.input = form.input;
    macro.classes = form.classes;
    return macro;
  }

  void declare_choices(GraphBuilder& b, const std::string& kind) const {
    for (int node = 2; node < 2 + options_.nodes; ++node) {
      for (int source = 0; source < node; ++source) {
        Choice edge = one_of(edge_name(kind, source, node), options_.operations);
        for (auto& option : edge.options) option.search_only = option.label == "none";
        b.choice(std::move(edge));
      }
      b.choice(subset_of(inputs_name(kind, node), node, 2));
    }
  }

  int choice_index(const GraphBuilder& b, const std::string& name) const {
    for (std::size_t i = 0; i < b.choices().size(); ++i)
      if (b.choices()[i].name == name) return static_cast<int>(i);
    throw Error(ErrorKind::kInternal, name, "the choice was not declared");
  }

  // One operation on `source`, with drop-path as in the published evaluation network.
  int operation(GraphBuilder& b, const CellPlace& place, const std::string& scope,
                const std::string& name, int state, bool strided, bool search) const {
    const int x = b.add(
        name, scope, {state},
        {{"stride", strided ? 2 : 1}, {"affine", search ? 0 : 1}, {"normalise", search ? 1 : 0}});
    const bool identity = name == "skip_connect" && !strided;
    if (search || !options_.drop_path || identity || name == "none") return x;
    (void)place;
    return b.add("drop_path", scope + "/drop_path", {x});
  }

  std::vector<int> open_cell(GraphBuilder& b, const CellPlace& place, bool search) const {
    std::vector<int> states{place.state0, place.state1};
    for (int node = 2; node < 2 + options_.nodes; ++node) {
      std::vector<int> edges;
      for (int source = 0; source < node; ++source) {
        const std::string scope =
            place.scope + "/edge" + std::to_string(source) + "_" + std::to_string(node);
        const bool strided = place.reduction && source < 2;
        std::vector<int> branches;
        for (const auto& name : options_.operations)
          branches.push_back(operation(b, place, scope + "/" + name, name,
                                       states[static_cast<std::size_t>(source)], strided, search));
        edges.push_back(
            b.select(scope, branches, choice_index(b, edge_name(place.kind, source, node))));
      }
      states.push_back(b.select(place.scope + "/node" + std::to_string(node), edges,
                                choice_index(b, inputs_name(place.kind, node))));
    }
    return {states.begin() + 2, states.end()};
  }

  NetworkGraph genotype_network(const Genotype& g, const Form& form) const {
    const bool search = form.role == FormRole::kSearch;
    return macro_network(macro_options(form), [&](GraphBuilder& b, const CellPlace& place) {
      const auto& edges = place.reduction ? g.reduce : g.normal;
      const auto& concat = place.reduction ? g.reduce_concat : g.normal_concat;
      std::vector<int> states{place.state0, place.state1};
      for (std::size_t e = 0; e + 1 < edges.size(); e += 2) {
        const std::string node = place.scope + "/node" + std::to_string(states.size());
        std::vector<int> terms;
        for (std::size_t k = e; k < e + 2; ++k) {
          const auto& [name, source] = edges[k];
          check_source(source, states.size());
          const std::string scope = node + "/" + std::to_string(k - e) + "_" + name;
          terms.push_back(operation(b, place, scope, name, states[static_cast<std::size_t>(source)],
                                    place.reduction && source < 2, search));
        }
        states.push_back(b.add("sum", node, terms));
      }
      std::vector<int> outputs;
      for (int index : concat) {
        check_source(index, states.size());
        outputs.push_back(states[static_cast<std::size_t>(index)]);
      }
      if (outputs.empty()) throw Error(ErrorKind::kInvalidData, "genotype", "a cell has no output");
      return outputs;
    });
  }

  static void check_source(int source, std::size_t states) {
    if (source < 0 || static_cast<std::size_t>(source) >= states)
      throw Error(ErrorKind::kInvalidData, "genotype",
                  "state " + std::to_string(source) + " is read before it exists",
                  "sources are 0, 1 (cell inputs) and earlier nodes from 2");
  }

  Architecture from_genotype(const Genotype& g, std::string_view name) const {
    Architecture a(choices_);
    read_cell(g.normal, g.normal_concat, "normal", name, a);
    read_cell(g.reduce, g.reduce_concat, "reduce", name, a);
    return a;
  }

  void read_cell(const std::vector<Genotype::Edge>& edges, std::vector<int> concat,
                 const std::string& kind, std::string_view name, Architecture& a) const {
    std::sort(concat.begin(), concat.end());
    std::vector<int> all;
    for (int i = 0; i < options_.nodes; ++i) all.push_back(2 + i);
    bool fits = concat == all && edges.size() == 2 * all.size();
    for (std::size_t e = 0; fits && e + 1 < edges.size(); e += 2)
      fits = edges[e].second != edges[e + 1].second;
    const auto& known = options_.operations;
    for (const auto& [operation, source] : edges)
      fits = fits && std::find(known.begin(), known.end(), operation) != known.end();
    if (!fits)
      throw Error(ErrorKind::kInvalidArgument, "architecture",
                  "the cell '" + std::string(name) + "' (" + kind +
                      ") is no architecture of this "
                      "space with nodes=" +
                      std::to_string(options_.nodes),
                  "cells with other nodes or operations can be counted, trained and exported, "
                  "not searched");
    for (std::size_t e = 0; e < edges.size(); e += 2) {
      const int node = 2 + static_cast<int>(e / 2);
      const int low = std::min(edges[e].second, edges[e + 1].second);
      const int high = std::max(edges[e].second, edges[e + 1].second);
      check_source(low, static_cast<std::size_t>(node));
      check_source(high, static_cast<std::size_t>(node));
      for (std::size_t k = e; k < e + 2; ++k)
        a = a.with(edge_name(kind, edges[k].second, node), edges[k].first);
      a = a.with(inputs_name(kind, node), std::to_string(low) + "+" + std::to_string(high));
    }
  }

  std::vector<Genotype::Edge> edges_of(const Architecture& a, const std::string& kind) const {
    std::vector<Genotype::Edge> edges;
    for (int node = 2; node < 2 + options_.nodes; ++node) {
      const int inputs = choices_->index(inputs_name(kind, node));
      if (a.option(inputs) < 0)
        throw Error(ErrorKind::kInvalidArgument, "genotype",
                    "the choice '" + inputs_name(kind, node) + "' is absent");
      const auto picks =
          (*choices_)[inputs].options[static_cast<std::size_t>(a.option(inputs))].picks;
      for (int source = 0; source < node; ++source)
        if (picks >> source & 1)
          edges.emplace_back(a.label(choices_->index(edge_name(kind, source, node))), source);
    }
    return edges;
  }

  DartsOptions options_;
  ChoiceSetPtr choices_;
};

}  // namespace

SpaceEntry darts_space() {
  return {
      "cells of eight operations on CIFAR or ImageNet macro networks (arXiv 1806.09055)",
      [] { return option_infos<DartsOptions>(); },
      [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
        return std::make_unique<DartsSpace>(parse_options<DartsOptions>(options, "space darts"));
      }};
}

}  // namespace nasmyth
