#include "nasmyth/core/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include "nasmyth/core/error.h"
#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

[[noreturn]] void refuse(std::string_view where, std::string_view what, std::string_view got,
                         std::string_view remedy) {
  std::string text(what);
  text.append("; got '").append(got).append("'");
  throw Error(ErrorKind::kInvalidArgument, where, text, remedy);
}

std::string with_unit(std::string text, const OptionInfo& info) {
  return info.unit.empty() ? text : text + " " + info.unit;
}

std::string range_text(const OptionInfo& info) {
  const bool low = std::isfinite(info.minimum), high = std::isfinite(info.maximum);
  if (low && high)
    return with_unit(print_number(info.minimum) + " to " + print_number(info.maximum), info);
  if (low) return with_unit(print_number(info.minimum), info) + " or more";
  if (!high) return "what 64 bits hold";
  return with_unit(print_number(info.maximum), info) + " or less";
}

void check_range(double value, std::string_view text, const OptionInfo& info,
                 std::string_view where) {
  if (value >= info.minimum && value <= info.maximum) return;
  throw Error(ErrorKind::kOutOfRange, where,
              "the value is out of range; got " + with_unit(std::string(trim(text)), info),
              "allowed: " + range_text(info));
}

void check_choice(std::string_view text, const OptionInfo& info, std::string_view where) {
  if (info.choices.empty() || std::ranges::count(info.choices, text) > 0) return;
  throw unknown_name(where, "value", text, info.choices);
}

// "0.3k" becomes "0.3e3", so that it rounds once.
std::string without_suffix(std::string_view number) {
  std::string text(number);
  if (text.empty()) return text;
  const char suffix = text.back();
  const char* exponent = suffix == 'k' ? "e3" : suffix == 'M' ? "e6" : suffix == 'G' ? "e9" : "";
  if (*exponent == 0 || text.find_first_of("eE") != std::string::npos) return text;
  text.pop_back();
  return std::string(trim(text)) + exponent;
}

std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

// Reads one element of a quoted list from `text` at `i`, which stands on the opening quote.
std::string quoted_element(std::string_view text, std::size_t& i, std::string_view where) {
  std::string element;
  for (++i; i < text.size(); ++i) {
    if (text[i] == '"') {
      ++i;
      return element;
    }
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    element += text[i];
  }
  refuse(where, "a quote in the list is not closed", text, "write it as [a, \"b c\"]");
}

std::string plain_element(std::string_view text, std::size_t& i, std::string_view where) {
  const std::size_t first = i;
  while (i < text.size() && text[i] != ',') ++i;
  const std::string_view element = trim(text.substr(first, i - first));
  if (element.empty() || element.find_first_of("[]\"") != std::string_view::npos)
    refuse(where, "not a list", text, "write it as [a, b, c]");
  return std::string(element);
}

bool needs_quotes(std::string_view element) {
  return element.empty() || element != trim(element) ||
         element.find_first_of(",[]\"\\") != std::string_view::npos;
}

std::string in_quotes(std::string_view element) {
  std::string text = "\"";
  for (const char c : element) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

// One overload of type_name, print_value and parse_value for each type of option.

std::string type_name(const bool*) { return "boolean"; }
std::string type_name(const int*) { return "integer"; }
std::string type_name(const std::int64_t*) { return "integer"; }
std::string type_name(const double*) { return "number"; }
std::string type_name(const std::string*) { return "text"; }
std::string type_name(const std::vector<int>*) { return "list of integers"; }
std::string type_name(const std::vector<double>*) { return "list of numbers"; }
std::string type_name(const std::vector<std::string>*) { return "list of texts"; }
std::string type_name(const std::optional<double>*) { return "number or none"; }

std::string print_value(bool value) { return value ? "true" : "false"; }
std::string print_value(int value) { return std::to_string(value); }
std::string print_value(std::int64_t value) { return std::to_string(value); }
std::string print_value(double value) { return print_number(value); }
std::string print_value(const std::string& value) { return value; }
std::string print_value(const std::optional<double>& value) {
  return value ? print_number(*value) : "none";
}
template <class E>
std::string print_value(const std::vector<E>& values) {
  std::vector<std::string> texts;
  for (const E& value : values) texts.push_back(print_value(value));
  return print_list(texts);
}

void parse_value(bool& value, std::string_view text, const OptionInfo&, std::string_view where) {
  const std::string word = to_lower(trim(text));
  value = word == "true" || word == "yes" || word == "on";
  if (!value && word != "false" && word != "no" && word != "off")
    refuse(where, "not a boolean", text, "write true or false");
}

void parse_value(std::int64_t& value, std::string_view text, const OptionInfo& info,
                 std::string_view where) {
  const std::string_view digits = without_plus(trim(text));
  const char* end = digits.data() + digits.size();
  const auto [stop, code] = std::from_chars(digits.data(), end, value);
  if (code != std::errc{} || stop != end) {
    const double number = parse_number(text, where);
    if (std::isfinite(number) && number != std::floor(number))
      refuse(where, "not a whole number", text, "write an integer such as 20 or 20k");
    if (!(number >= -0x1p63 && number < 0x1p63))
      throw Error(ErrorKind::kOutOfRange, where,
                  "the value is too large for an integer; got " + std::string(trim(text)),
                  "allowed: " + range_text(info));
    value = static_cast<std::int64_t>(number);
  }
  check_range(static_cast<double>(value), text, info, where);
}

void parse_value(int& value, std::string_view text, const OptionInfo& info,
                 std::string_view where) {
  std::int64_t wide = 0;
  parse_value(wide, text, info, where);
  value = static_cast<int>(wide);
  if (value != wide)
    throw Error(ErrorKind::kOutOfRange, where,
                "the value is too large for an integer; got " + std::string(trim(text)),
                "allowed: " + range_text(info));
}

void parse_value(double& value, std::string_view text, const OptionInfo& info,
                 std::string_view where) {
  value = parse_number(text, where);
  check_range(value, text, info, where);
}

void parse_value(std::string& value, std::string_view text, const OptionInfo& info,
                 std::string_view where) {
  check_choice(text, info, where);
  value = text;
}

void parse_value(std::optional<double>& value, std::string_view text, const OptionInfo& info,
                 std::string_view where) {
  value.reset();
  if (to_lower(trim(text)) != "none") parse_value(value.emplace(), text, info, where);
}

template <class E>
void parse_value(std::vector<E>& values, std::string_view text, const OptionInfo& info,
                 std::string_view where) {
  values.clear();
  for (const std::string& element : parse_list(text, where)) {
    const std::string place = std::string(where) + "[" + std::to_string(values.size()) + "]";
    parse_value(values.emplace_back(), element, info, place);
  }
}

}  // namespace

template <class T>
std::string OptionText<T>::type() {
  return type_name(static_cast<const T*>(nullptr));
}

template <class T>
std::string OptionText<T>::print(const T& value) {
  return print_value(value);
}

template <class T>
T OptionText<T>::parse(std::string_view text, const OptionInfo& info, std::string_view where) {
  T value{};
  parse_value(value, text, info, where);
  return value;
}

template struct OptionText<bool>;
template struct OptionText<int>;
template struct OptionText<std::int64_t>;
template struct OptionText<double>;
template struct OptionText<std::string>;
template struct OptionText<std::vector<int>>;
template struct OptionText<std::vector<double>>;
template struct OptionText<std::vector<std::string>>;
template struct OptionText<std::optional<double>>;

void check_option_names(const OptionMap& values, const std::vector<OptionInfo>& infos,
                        std::string_view where) {
  for (const auto& [key, value] : values) {
    if (std::ranges::count(infos, key, &OptionInfo::name) > 0) continue;
    std::vector<std::string> names;
    for (const OptionInfo& info : infos) names.push_back(info.name);
    throw unknown_name(where, "option", key, names);
  }
}

double parse_number(std::string_view text, std::string_view where) {
  const std::string plain = without_suffix(without_plus(trim(text)));
  const char* end = plain.data() + plain.size();
  double value = 0;
  const auto [stop, code] = std::from_chars(plain.data(), end, value);
  if (code == std::errc::result_out_of_range)
    refuse(where, "the number is too large or too small", text,
           "write one between 1e-300 and 1e300");
  if (code != std::errc{} || stop != end || std::isnan(value))
    refuse(where, "not a number", text, "write it as 20000, 20k, 0.5M or 1e-3");
  return value;
}

double parse_duration(std::string_view text, std::string_view where) {
  struct Unit {
    char name;
    double seconds;
  };
  constexpr Unit kUnits[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
  const auto wrong = [&] {
    refuse(where, "not a length of time", text, "write it as 90s, 5m, 1h30m or 2d");
  };
  const std::string_view whole = trim(text);
  const Unit* next = kUnits;
  double sum = 0;
  for (const char *at = whole.data(), *end = at + whole.size(); at != end;) {
    double value = 0;
    const auto [stop, code] = std::from_chars(at, end, value, std::chars_format::fixed);
    if (code != std::errc{} || !(value >= 0) || !std::isfinite(value)) wrong();
    const char name = stop == end ? 's' : *stop;
    while (next != std::end(kUnits) && next->name != name) ++next;
    if (next == std::end(kUnits)) wrong();
    sum += value * next++->seconds;
    at = stop == end ? end : stop + 1;
  }
  if (!(sum > 0)) wrong();
  return sum;
}

std::string print_number(double value) {
  const double size = std::fabs(value);
  const bool fixed = size == 0 || (size >= 1e-5 && size < 1e17);
  std::array<char, 64> buffer;
  const auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  const auto [end, code] =
      std::isfinite(value)
          ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format)
          : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

std::vector<std::string> parse_list(std::string_view text, std::string_view where) {
  std::string_view body = trim(text);
  if (!body.empty() && (body.front() == '[') != (body.back() == ']'))
    refuse(where, "a bracket of the list is missing", text, "write it as [a, b, c]");
  if (!body.empty() && body.front() == '[') body = trim(body.substr(1, body.size() - 2));
  std::vector<std::string> elements;
  for (std::size_t i = 0; i < body.size();) {
    while (i < body.size() && trim(body.substr(i, 1)).empty()) ++i;
    const bool is_quoted = i < body.size() && body[i] == '"';
    elements.push_back(is_quoted ? quoted_element(body, i, where) : plain_element(body, i, where));
    while (i < body.size() && trim(body.substr(i, 1)).empty()) ++i;
    if (i == body.size()) break;
    if (body[i] != ',' || ++i == body.size())
      refuse(where, "not a list", text, "write it as [a, b, c]");
  }
  return elements;
}

std::string print_list(const std::vector<std::string>& elements) {
  std::vector<std::string> texts;
  for (const std::string& element : elements)
    texts.push_back(needs_quotes(element) ? in_quotes(element) : element);
  return "[" + join(texts, ", ") + "]";
}

}  // namespace nasmyth
