#include "nasmyth/data/planted.h"

#include "nasmyth/core/error.h"
#include "nasmyth/core/text.h"
#include "nasmyth/data/data_source.h"

namespace nasmyth {
namespace {

// "train=2000,noise=10".
OptionMap parse_settings(std::string_view text) {
  OptionMap settings;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view setting = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos)
      throw Error(ErrorKind::kInvalidArgument, "planted",
                  "no setting: '" + std::string(setting) + "'",
                  "write planted:<key>=<value>,<key>=<value>");
    settings[std::string(trim(setting.substr(0, equals)))] = trim(setting.substr(equals + 1));
  }
  return settings;
}

}  // namespace

DataSourceEntry planted_source() {
  return {"a built-in task that is generated: pairs of textures, 10 classes of grey images",
          "planted or planted:<key>=<value>,...", &option_infos<PlantedOptions>,
          [](const std::string& argument) {
            return make_planted(parse_options<PlantedOptions>(parse_settings(argument), "planted"));
          },
          [](const std::string&) { return true; }};
}

}  // namespace nasmyth
