#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace nasmyth {

/// `text` without white space at both ends.
std::string_view trim(std::string_view text);

/// ASCII letters in lower case; other bytes unchanged.
std::string to_lower(std::string_view text);

/// The parts with `separator` between them.
std::string join(std::span<const std::string> parts, std::string_view separator);

/// `text` on one line: control characters and bytes that are no UTF-8 become `\xNN`, and what is
/// longer than `most` bytes loses its middle.
std::string printable(std::string_view text, std::size_t most);

/// Columns that UTF-8 text takes on a terminal, one for each code point.
int text_width(std::string_view text);

}  // namespace nasmyth
