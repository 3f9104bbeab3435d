// A program that uses the library: costs of a published network.
#include <cstdio>

#include "nasmyth/core/error.h"
#include "nasmyth/operation/builtin.h"
#include "nasmyth/resource/resource_model.h"
#include "nasmyth/space/search_space.h"

int main() try {
  const auto space = nasmyth::make_space("darts", {{"channels", "36"}, {"layers", "20"}});
  nasmyth::Form form;
  form.input = {3, 32, 32};
  form.classes = 10;
  const auto network = space->network_from_text("DARTS_V2", form);
  for (const char* resource : {"params", "macs"})
    std::printf(
        "%s %.0f\n", resource,
        nasmyth::make_resource_model(resource)->cost(network, nasmyth::builtin_operations()));
} catch (const nasmyth::Error& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 2;
}
