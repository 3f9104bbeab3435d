#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace nasmyth::test {

/// The input as text.
std::string_view as_text(std::span<const std::byte> input);

/// Runs `read`; true when it threw no error. Errors of kind kInternal end the process.
bool accepts(const std::function<void()>& read);

/// Ends the process with `what` where the promise is broken.
void require(bool kept, std::string_view what);

/// Takes the first byte, as a number below `count`; 0 where there is none.
std::size_t take_choice(std::span<const std::byte>& input, std::size_t count);
/// Takes a part whose size its first two bytes give.
std::span<const std::byte> take_part(std::span<const std::byte>& input);
/// The parts as take_part reads them.
std::string as_part(std::string_view bytes);

/// A folder of this process, removed at its end.
std::filesystem::path scratch_folder();
/// A file in it with these bytes.
std::filesystem::path scratch_file(std::string_view name, std::span<const std::byte> bytes);

}  // namespace nasmyth::test
