#pragma once

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

/// Columns that UTF-8 text takes on a terminal, one for each code point.
int text_width(std::string_view text);

}  // namespace nasmyth
