#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nasmyth {

/// Option values as text, by key: what `--set key=value` and a configuration file give.
/// Lists are written `[a, b, c]`; numbers may carry the decimal suffixes k, M, G.
using OptionMap = std::map<std::string, std::string>;

/// The description of one option; the source of configuration keys, `--set`, help and JSON.
struct OptionInfo {
  std::string name;           ///< key, in snake case
  std::string help;           ///< one sentence
  std::string unit;           ///< "", "epochs", "s", ...
  std::string type;           ///< "integer", "number", "boolean", "text", "list of ..."
  std::string default_value;  ///< as text
  double minimum = -std::numeric_limits<double>::infinity();  ///< inclusive, numbers only
  double maximum = std::numeric_limits<double>::infinity();   ///< inclusive, numbers only
  std::vector<std::string> choices;  ///< the allowed words of a text option; empty: any
};

/// How a field is described beside its name and member.
struct OptionHelp {
  std::string help;
  std::string unit = {};
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};
};

/// Conversion between one field's type and text. Defined for bool, int, int64_t, double,
/// std::string, std::vector<int>, std::vector<double>, std::vector<std::string>,
/// std::optional<double> ("none" when empty).
template <class T>
struct OptionText {
  static std::string type();
  static std::string print(const T& value);
  /// Throws kInvalidArgument or kOutOfRange naming `where` (already "<prefix>.<name>").
  static T parse(std::string_view text, const OptionInfo& info, std::string_view where);
};

/// The described fields of an aggregate of options. An options type `T` is an aggregate with
/// defaults and a function found by argument-dependent lookup:
///
///   void describe(OptionFields<DartsOptions>& f) {
///     f.add("channels", &DartsOptions::channels, {"initial channels", "channels", 1, 4096});
///   }
template <class T>
class OptionFields {
 public:
  template <class M>
  OptionFields& add(std::string name, M T::*member, OptionHelp help) {
    OptionInfo info{std::move(name),
                    std::move(help.help),
                    std::move(help.unit),
                    OptionText<M>::type(),
                    OptionText<M>::print(T{}.*member),
                    help.minimum,
                    help.maximum,
                    std::move(help.choices)};
    fields_.push_back({info,
                       [member, info](T& t, std::string_view text, std::string_view where) {
                         t.*member = OptionText<M>::parse(text, info, where);
                       },
                       [member](const T& t) { return OptionText<M>::print(t.*member); }});
    return *this;
  }

  struct Field {
    OptionInfo info;
    std::function<void(T&, std::string_view text, std::string_view where)> set;
    std::function<std::string(const T&)> get;
  };
  /// Borrowed from this object: keep it in a variable for the length of a loop.
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

/// Throws an unknown-name error for the first key of `values` that is not among `infos`.
void check_option_names(const OptionMap& values, const std::vector<OptionInfo>& infos,
                        std::string_view where);

template <class T>
OptionFields<T> option_fields() {
  OptionFields<T> f;
  describe(f);
  return f;
}

/// The descriptions of T's options, in declaration order.
template <class T>
std::vector<OptionInfo> option_infos() {
  const auto fields = option_fields<T>();
  std::vector<OptionInfo> infos;
  for (const auto& field : fields.fields()) infos.push_back(field.info);
  return infos;
}

/// Options from text. `where` prefixes error messages ("space darts"). Unknown keys and values out
/// of range are errors with a suggestion.
template <class T>
T parse_options(const OptionMap& values, std::string_view where) {
  const auto fields = option_fields<T>();
  check_option_names(values, option_infos<T>(), where);
  T result{};
  for (const auto& field : fields.fields())
    if (auto it = values.find(field.info.name); it != values.end())
      field.set(result, it->second, std::string(where) + "." + field.info.name);
  return result;
}

/// All options as text, defaults included: the resolved configuration.
template <class T>
OptionMap print_options(const T& options) {
  const auto fields = option_fields<T>();
  OptionMap map;
  for (const auto& field : fields.fields()) map[field.info.name] = field.get(options);
  return map;
}

/// A number with an optional decimal suffix: "20k" = 20000, "1M", "0.5G". Throws kInvalidArgument.
double parse_number(std::string_view text, std::string_view where);

/// A length of time in seconds: "90", "90s", "5m", "1h30m", "2d"; parts with units s, m, h, d from
/// the greatest down. Throws kInvalidArgument for another form and for nothing at all.
double parse_duration(std::string_view text, std::string_view where);

/// The shortest text that parses back to the same double, without exponent from 1e-5 to 1e17:
/// "20000", "0.025".
std::string print_number(double value);

/// The elements of `[a, b]` or `a, b`, trimmed; an element may stand in double quotes, where `\"`
/// and
/// `\\` are a quote and a backslash. Empty text and `[]` are the empty list. Throws
/// kInvalidArgument.
std::vector<std::string> parse_list(std::string_view text, std::string_view where);

/// `[a, b]`, with quotes around elements that need them: the inverse of parse_list.
std::string print_list(const std::vector<std::string>& elements);

}  // namespace nasmyth
