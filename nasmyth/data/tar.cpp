// The tar format (POSIX.1-1988 ustar, and its predecessors): blocks of 512 bytes, a header block
// before each file, two zero blocks at the end.
#include "nasmyth/data/tar.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

namespace nasmyth {
namespace {

constexpr std::size_t kBlock = 512;
using Block = std::array<std::uint8_t, kBlock>;

// Octal digits, ended by a space or a zero byte.
std::optional<std::uint64_t> octal(std::span<const std::uint8_t> field) {
  std::uint64_t value = 0;
  std::size_t i = 0;
  while (i < field.size() && field[i] == ' ') ++i;
  const std::size_t begin = i;
  for (; i < field.size() && field[i] >= '0' && field[i] <= '7'; ++i)
    value = value * 8 + (field[i] - '0');
  if (i == begin || (i < field.size() && field[i] != ' ' && field[i] != 0)) return std::nullopt;
  return value;
}

bool checksum_fits(const Block& header) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) sum += i >= 148 && i < 156 ? ' ' : header[i];
  return octal(std::span(header).subspan(148, 8)) == sum;
}

std::string base_name(const Block& header) {
  const auto* begin = reinterpret_cast<const char*>(header.data());
  const std::string_view path(
      begin, static_cast<std::size_t>(std::find(begin, begin + 100, '\0') - begin));
  return std::string(path.substr(path.find_last_of('/') + 1));
}

void skip(InputFile& file, std::uint64_t bytes) {
  Block block;
  for (std::uint64_t done = 0; done < bytes; done += kBlock)
    file.read_exactly(block, "a block of the archive");
}

}  // namespace

std::vector<TarEntry> read_tar(InputFile& file, const std::function<bool(std::string_view)>& wanted,
                               std::uint64_t most) {
  std::vector<TarEntry> entries;
  Block header;
  while (true) {
    file.read_exactly(header, "a header of the archive");
    if (std::all_of(header.begin(), header.end(), [](auto byte) { return byte == 0; })) break;
    if (!checksum_fits(header))
      file.fail(entries.empty() ? "it is no tar archive, or damaged" : "the archive is damaged",
                "give the archive as it is published, or the folder with its files");
    const auto size = octal(std::span(header).subspan(124, 12));
    if (!size) file.fail("the archive has an entry without a size");
    const std::uint64_t padded = (*size + kBlock - 1) / kBlock * kBlock;
    const bool regular = header[156] == '0' || header[156] == 0;
    std::string name = base_name(header);
    if (!regular || !wanted(name)) {
      skip(file, padded);
      continue;
    }
    if (*size > most) file.fail("the entry '" + name + "' promises too many bytes");
    most -= *size;
    TarEntry& entry = entries.emplace_back(TarEntry{std::move(name), {}});
    file.append_exactly(entry.bytes, *size, "the entry '" + entry.name + "'");
    std::array<std::uint8_t, kBlock> padding;
    file.read_exactly(std::span(padding).first(static_cast<std::size_t>(padded - *size)),
                      "a block of the archive");
  }
  return entries;
}

}  // namespace nasmyth
