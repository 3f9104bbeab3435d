// What libnasmyth_torch.so shows to the program. No LibTorch here.
#include "nasmyth/core/plugin.h"

#include "nasmyth/engine/executors.h"
#include "nasmyth/torch/reference_executor.h"

extern "C" const char* nasmyth_plugin_abi() { return NASMYTH_PLUGIN_ABI; }

extern "C" void nasmyth_register(nasmyth::Registries&) {
  using namespace nasmyth;
  executors().find_to_change("reference")->factory = make_reference_executor;
}
