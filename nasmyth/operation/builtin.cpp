#include "nasmyth/operation/builtin.h"

namespace nasmyth {

#define NASMYTH_PRIMITIVE(name, factory) std::unique_ptr<Operation> factory();
#include "nasmyth/operation/primitives.def"
#undef NASMYTH_PRIMITIVE
#define NASMYTH_OPERATION(name, factory) std::unique_ptr<Operation> factory();
#include "nasmyth/operation/operations.def"
#undef NASMYTH_OPERATION

OperationSet& builtin_operations() {
  static OperationSet& operations = *[] {
    auto* set = new OperationSet;  // never destroyed: used until the program ends
#define NASMYTH_PRIMITIVE(name, factory) set->add(#name, factory());
#include "nasmyth/operation/primitives.def"
#undef NASMYTH_PRIMITIVE
#define NASMYTH_OPERATION(name, factory) set->add(#name, factory());
#include "nasmyth/operation/operations.def"
#undef NASMYTH_OPERATION
    return set;
  }();
  return operations;
}

}  // namespace nasmyth
