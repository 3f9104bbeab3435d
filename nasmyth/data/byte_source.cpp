#include "nasmyth/data/byte_source.h"

#include <algorithm>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr std::uint64_t kTrusted = std::uint64_t{1} << 26;  // reserved on the word of a header

}  // namespace

std::size_t ByteSource::read(std::span<std::uint8_t> target) {
  std::size_t done = 0;
  while (done < target.size()) {
    const std::size_t got = read_some(target.subspan(done, std::min(target.size() - done, kPiece)));
    if (got == 0) break;
    done += got;
    position_ += got;
  }
  return done;
}

void ByteSource::read_exactly(std::span<std::uint8_t> target, std::string_view what) {
  const std::size_t got = read(target);
  if (got < target.size())
    fail("truncated: " + std::string(what) + " of " + std::to_string(target.size()) +
         " bytes; got " + std::to_string(got));
}

void ByteSource::append_exactly(std::vector<std::uint8_t>& target, std::uint64_t count,
                                std::string_view what) {
  target.reserve(target.size() + static_cast<std::size_t>(std::min(count, kTrusted)));
  for (std::uint64_t done = 0; done < count;) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(count - done, kPiece));
    const std::size_t before = target.size();
    target.resize(before + piece);
    const std::size_t got = read(std::span(target).subspan(before));
    done += got;
    if (got < piece)
      fail("truncated: " + std::string(what) + " of " + std::to_string(count) + " bytes; got " +
           std::to_string(done));
  }
}

std::vector<std::uint8_t> ByteSource::read_rest(std::uint64_t most) {
  std::vector<std::uint8_t> bytes;
  while (true) {
    const std::size_t before = bytes.size();
    bytes.resize(before + kPiece);
    const std::size_t got = read(std::span(bytes).subspan(before));
    bytes.resize(before + got);
    if (bytes.size() > most)
      fail("it holds more than " + std::to_string(most) + " bytes", "check that it is the file");
    if (got < kPiece) return bytes;
  }
}

void ByteSource::expect_end() {
  std::uint8_t byte = 0;
  const std::uint64_t end = position_;
  if (read({&byte, 1}) != 0)
    fail("bytes follow the end of the data, which is at " + std::to_string(end));
}

void ByteSource::fail(std::string_view what, std::string_view remedy) const {
  throw Error(ErrorKind::kInvalidData, name_, what,
              remedy.empty() ? "fetch the file again" : remedy);
}

}  // namespace nasmyth
