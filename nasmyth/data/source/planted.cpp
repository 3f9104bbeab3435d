#include "nasmyth/data/planted.h"

#include "nasmyth/data/data_source.h"
#include "nasmyth/data/reading.h"

namespace nasmyth {

DataSourceEntry planted_source() {
  return {
      "a built-in task that is generated: pairs of textures, 10 classes of grey images; other "
      "tasks "
      "by task=",
      "planted or planted:<key>=<value>,...", &option_infos<PlantedOptions>,
      [](const std::string& argument) {
        return make_planted(
            parse_options<PlantedOptions>(parse_settings(argument, "planted"), "planted"));
      },
      [](const std::string&) { return true; }};
}

}  // namespace nasmyth
