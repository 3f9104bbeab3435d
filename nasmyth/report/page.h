#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nasmyth {

/// A part of a page: title (plain text) and content (HTML).
using PagePart = std::pair<std::string, std::string>;

/// A whole page, self-contained: style, script, chart library and all data are inside, nothing is
/// fetched, and a content-security policy holds it to that. `subtitle` is HTML. Tables and drawings
/// can be read without JavaScript, charts need it.
std::string html_page(std::string_view title, std::string_view subtitle,
                      const std::vector<PagePart>& parts);

/// Writes a page in one step. A file that is there and is no page of this program is not
/// overwritten: kInvalidArgument. Throws kIo.
void write_page(const std::filesystem::path& path, std::string_view html);

}  // namespace nasmyth
