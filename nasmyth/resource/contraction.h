#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "nasmyth/resource/open_network.h"

namespace nasmyth {

/// The expectation of one function under independent choices, planned once: choices are summed out
/// one after the other (sum-product elimination), named functions through their definitions. The
/// derivative is the same program run backwards. Exact.
class Contraction {
 public:
  /// `dims`: option counts of all variables; `choices`: how many of them are choices.
  Contraction(const ChoiceFunction& function, const std::vector<NamedFunction>& named,
              const std::vector<int>& dims, int choices);

  double value(const std::vector<std::vector<double>>& probabilities) const;
  /// Adds d value / d probability to `gradient[choice][option]`.
  double value_and_gradient(const std::vector<std::vector<double>>& probabilities,
                            std::vector<std::vector<double>>& gradient) const;

 private:
  // Sums one variable out of a product of at most one table, the messages of earlier steps and
  // the probabilities of the variable.
  struct Step {
    int variable = -1;
    std::size_t options = 1;
    bool weighted = false;      // a choice: its probabilities are a factor
    std::vector<double> table;  // over (scope of the message, variable); empty: 1
    std::size_t size = 1;       // of the message
    struct Input {
      std::size_t step = 0;
      std::vector<std::uint32_t> index;
    };
    std::vector<Input> inputs;
  };
  using Messages = std::vector<std::vector<double>>;

  struct Factor;
  static std::vector<const Factor*> touching(const std::vector<Factor>& factors, int variable);
  static std::vector<int> united(const std::vector<const Factor*>& factors);
  static int cheapest(const std::set<int>& open, const std::vector<Factor>& factors,
                      const std::vector<int>& dims);
  static Step step(int variable, const std::vector<int>& rest,
                   const std::vector<const Factor*>& found,
                   const std::vector<ChoiceFunction>& tables, const std::vector<int>& dims,
                   int choices);
  void plan(const std::vector<ChoiceFunction>& tables, const std::vector<int>& dims, int choices);
  void forward(const std::vector<std::vector<double>>& probabilities, Messages& messages) const;
  void backward(const Step& step, const std::vector<std::vector<double>>& probabilities,
                const std::vector<double>& message_slope, const Messages& messages,
                Messages& slopes, std::vector<std::vector<double>>& gradient) const;

  std::vector<Step> steps_;
  std::vector<std::size_t> last_;  // steps whose messages are numbers: the result is their product
  double constant_ = 1;
};

}  // namespace nasmyth
