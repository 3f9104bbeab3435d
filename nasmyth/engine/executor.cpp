#include "nasmyth/engine/executor.h"

#include "nasmyth/core/error.h"

namespace nasmyth {

StepResult Step::hessian_product(const Batch&, const ChoiceWeights&, State, const Scalars&,
                                 RandomStream, const Direction&) {
  throw Error(ErrorKind::kUnsupported, "step", "this executor has no Hessian products",
              "use executor=reference");
}

}  // namespace nasmyth
