#include "nasmyth/core/version.h"

namespace nasmyth {

std::string_view version() { return NASMYTH_VERSION; }

}  // namespace nasmyth
