#include "nasmyth/supernet/site_weights.h"

#include <gtest/gtest.h>

#include "nasmyth/graph/network_graph.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/space/search_space.h"
#include "tests/supernet/samples.h"

namespace nasmyth {
namespace {

using test::differences;
using test::expect_near;
using test::random_logits;
using test::sample_choices;

using Kind = Site::Kind;

// Two cells share the edge choice; the width acts at two masks.
std::vector<Site> sample_sites() {
  return {{Kind::kSelect, 3, 0, 4, "a"}, {Kind::kSelect, 5, 2, 3, "b"},
          {Kind::kValue, 6, 3, 2, "m"},  {Kind::kSelect, 8, 0, 4, "c"},
          {Kind::kSelect, 9, 1, 3, "d"}, {Kind::kValue, 12, 3, 2, "n"}};
}

RelaxedChoices soft() {
  RelaxedChoices r;
  r.weights = {{0.1, 0.2, 0.3, 0.4}, {0.5, 0.3, 0.2}, {0.6, 0.3, 0.1}, {0.25, 0.75}};
  r.soft = r.weights;
  r.sampled.assign(4, -1);
  return r;
}

RelaxedChoices hard() {
  RelaxedChoices r;
  r.hard = true;
  r.weights = {{0, 0, 1, 0}, {1, 0, 0}, {0, 1, 0}, {0, 1}};
  r.sampled = {2, 0, 1, 1};
  return r;
}

using Active = std::vector<std::uint8_t>;

TEST(SiteWeights, BroadcastGivesEachSiteItsChoice) {
  const SiteWeights sites(sample_sites(), sample_choices(), SubsetRule::kRelaxed);
  const ChoiceWeights w = sites.broadcast(soft());
  ASSERT_EQ(w.weights.size(), 6u);
  EXPECT_EQ(w.weights[0], soft().weights[0]);
  EXPECT_EQ(w.weights[3], soft().weights[0]);
  EXPECT_EQ(w.weights[4], soft().weights[1]);
  EXPECT_EQ(w.weights[2], soft().weights[3]);
  EXPECT_EQ(w.weights[5], soft().weights[3]);
  // Options "0+1", "0+2", "1+2": an input has the weight of the options that pick it.
  expect_near({w.weights[1]}, {{0.9, 0.7, 0.4}}, 1e-15);
  for (const auto& active : w.active) EXPECT_EQ(active, Active(active.size(), 1));
}

TEST(SiteWeights, AllInputsOfASubsetCountFully) {
  const SiteWeights sites(sample_sites(), sample_choices(), SubsetRule::kAllInputs);
  for (const RelaxedChoices& relaxed : {soft(), hard()}) {
    const ChoiceWeights w = sites.broadcast(relaxed);
    EXPECT_EQ(w.weights[1], (std::vector<double>{1, 1, 1}));
    EXPECT_EQ(w.active[1], (Active{1, 1, 1}));
    EXPECT_EQ(w.weights[0], relaxed.weights[0]);
  }
}

TEST(SiteWeights, OnlySampledInputsAreActive) {
  const SiteWeights sites(sample_sites(), sample_choices(), SubsetRule::kRelaxed);
  const ChoiceWeights w = sites.broadcast(hard());
  EXPECT_EQ(w.active[0], (Active{0, 0, 1, 0}));
  EXPECT_EQ(w.active[1], (Active{1, 0, 1}));
  EXPECT_EQ(w.weights[1], (std::vector<double>{1, 0, 1}));
  EXPECT_EQ(w.active[2], (Active{0, 1}));
  EXPECT_EQ(w.active[4], (Active{1, 0, 0}));
}

TEST(SiteWeights, ReduceSumsOverTheSitesOfAChoice) {
  const std::vector<std::vector<double>> gradients = {{1, 2, 3, 4},     {5, 6, 7}, {8, 9},
                                                      {10, 20, 30, 40}, {},        {100, 200}};
  const SiteWeights relaxed(sample_sites(), sample_choices(), SubsetRule::kRelaxed);
  EXPECT_EQ(relaxed.reduce(gradients),
            (OptionWeights{{11, 22, 33, 44}, {0, 0, 0}, {11, 12, 13}, {108, 209}}));
  const SiteWeights all(sample_sites(), sample_choices(), SubsetRule::kAllInputs);
  EXPECT_EQ(all.reduce(gradients)[2], (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(all.reduce(gradients)[0], (std::vector<double>{11, 22, 33, 44}));
}

// A loss of all site weights, by differences through relaxation and broadcast.
void expect_chain_rule(const SiteWeights& sites, const ChoiceSet& choices,
                       const std::string& relaxation_name) {
  const auto relaxation = make_relaxation(relaxation_name);
  RandomStream random(6);
  std::vector<std::vector<double>> slopes;
  for (const Site& site : sites.sites()) {
    auto& row = slopes.emplace_back();
    for (int j = 0; j < site.size; ++j) row.push_back(random.normal());
  }
  const auto relax = [&](const OptionWeights& logits) {
    RandomStream noise(8);
    return relaxation->relax(logits, 0.8, noise);
  };
  const auto loss = [&](const OptionWeights& logits) {
    const ChoiceWeights w = sites.broadcast(relax(logits));
    double sum = 0;
    for (std::size_t s = 0; s < slopes.size(); ++s)
      for (std::size_t j = 0; j < slopes[s].size(); ++j)
        sum += slopes[s][j] * w.weights[s][j] * (1 + w.weights[s][j]);
    return sum;
  };
  const OptionWeights logits = random_logits(choices, 1, 4);
  const ChoiceWeights w = sites.broadcast(relax(logits));
  std::vector<std::vector<double>> gradients = slopes;
  for (std::size_t s = 0; s < slopes.size(); ++s)
    for (std::size_t j = 0; j < slopes[s].size(); ++j) gradients[s][j] *= 1 + 2 * w.weights[s][j];
  expect_near(relaxation->gradients(relax(logits), sites.reduce(gradients)),
              differences(logits, loss), 1e-7);
}

TEST(SiteWeights, ReduceIsTheTransposeOfBroadcast) {
  for (const char* relaxation : {"softmax", "gumbel_softmax"})
    for (const SubsetRule rule : {SubsetRule::kRelaxed, SubsetRule::kAllInputs})
      expect_chain_rule(SiteWeights(sample_sites(), sample_choices(), rule), *sample_choices(),
                        relaxation);
}

// The sites of whole spaces.
TEST(SiteWeights, SpacesBroadcastAndReduce) {
  for (const auto& [name, entry] : search_spaces()) {
    const auto space = make_space(name);
    const auto open = space->graph({FormRole::kSearch, {3, 32, 32}, 10});
    if (!open) continue;
    const auto sites = find_sites(expand(*open, builtin_operations()));
    ASSERT_FALSE(sites.empty()) << name;
    for (const Site& site : sites) {
      const Choice& choice = (*open->choices())[site.choice];
      EXPECT_FALSE(site.scope.empty());
      if (site.kind == Kind::kValue) {
        EXPECT_EQ(site.size, choice.size()) << name << site.scope;
      }
    }
    const SiteWeights weights(sites, open->choices(), SubsetRule::kAllInputs);
    expect_chain_rule(weights, *open->choices(), "softmax");
  }
}

}  // namespace
}  // namespace nasmyth
