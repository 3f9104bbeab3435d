#pragma once

#include <string>
#include <string_view>

namespace nasmyth::test {

/// What is wrong with HTML that this program wrote: tags that do not close each other, quotes or
/// angle brackets where none may be; empty when nothing is. The content of script and style is not
/// looked at.
std::string html_fault(std::string_view html);

}  // namespace nasmyth::test
