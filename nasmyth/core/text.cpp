#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Bytes of the character that begins at `i`; 0 where it may not be printed.
std::size_t character_length(std::string_view text, std::size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const std::size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || i + length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k)
    if (!continues(text[i + k])) return 0;
  const auto second = static_cast<unsigned char>(text[i + 1]);
  // Control characters of two bytes, overlong forms, surrogates, beyond the last code point.
  const bool bad = (lead == 0xc2 && second < 0xa0) || (lead == 0xe0 && second < 0xa0) ||
                   (lead == 0xed && second >= 0xa0) || (lead == 0xf0 && second < 0x90) ||
                   (lead == 0xf4 && second >= 0x90);
  return bad ? 0 : length;
}

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view kWhite = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string joined;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined += separator;
    joined += parts[i];
  }
  return joined;
}

std::string printable(std::string_view text, std::size_t most) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string shortened;
  if (text.size() > most) {
    std::size_t head = most / 2, tail = text.size() - most / 2;
    while (head > 0 && continues(text[head])) --head;
    while (tail < text.size() && continues(text[tail])) ++tail;
    shortened.append(text.substr(0, head))
        .append("...(" + std::to_string(tail - head) + " more bytes)...")
        .append(text.substr(tail));
    text = shortened;
  }
  std::string line;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text, i);
    const auto byte = static_cast<unsigned char>(text[i]);
    if (length == 0)
      line.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    else
      line.append(text.substr(i, length));
    i += length == 0 ? 1 : length;
  }
  return line;
}

int text_width(std::string_view text) {
  int width = 0;
  for (const char c : text)
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++width;
  return width;
}

}  // namespace nasmyth
