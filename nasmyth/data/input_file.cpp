#include "nasmyth/data/input_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr std::uint64_t kTrusted = std::uint64_t{1} << 26;  // reserved on the word of a header

gzFile handle(void* file) { return static_cast<gzFile>(file); }

}  // namespace

void InputFile::Close::operator()(void* file) const { gzclose_r(handle(file)); }

InputFile::InputFile(const std::filesystem::path& path) : name_(path.string()) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code))
    throw Error(ErrorKind::kIo, name_, "it is a folder, not a file");
  errno = 0;
  file_.reset(gzopen(path.c_str(), "rb"));
  if (!file_)
    throw Error(ErrorKind::kIo, name_,
                "cannot open: " + std::generic_category().message(errno ? errno : ENOMEM));
  gzbuffer(handle(file_.get()), 1 << 17);
}

std::size_t InputFile::read(std::span<std::uint8_t> target) {
  std::size_t done = 0;
  while (done < target.size()) {
    const auto piece = static_cast<unsigned>(std::min(target.size() - done, kPiece));
    const int got = gzread(handle(file_.get()), target.data() + done, piece);
    int code = Z_OK;
    std::string_view text = gzerror(handle(file_.get()), &code);
    if (text.starts_with(name_ + ": ")) text.remove_prefix(name_.size() + 2);
    if (code == Z_ERRNO)
      throw Error(ErrorKind::kIo, name_, "cannot read: " + std::generic_category().message(errno));
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
      fail("the gzip data is damaged or truncated after " + std::to_string(position_ + done) +
           " bytes: " + std::string(text));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  position_ += done;
  return done;
}

void InputFile::read_exactly(std::span<std::uint8_t> target, std::string_view what) {
  const std::size_t got = read(target);
  if (got < target.size())
    fail("truncated: " + std::string(what) + " of " + std::to_string(target.size()) +
         " bytes; got " + std::to_string(got));
}

void InputFile::append_exactly(std::vector<std::uint8_t>& target, std::uint64_t count,
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

std::vector<std::uint8_t> InputFile::read_rest(std::uint64_t most) {
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

void InputFile::expect_end() {
  std::uint8_t byte = 0;
  const std::uint64_t end = position_;
  if (read({&byte, 1}) != 0)
    fail("bytes follow the end of the data, which is at " + std::to_string(end));
}

void InputFile::fail(std::string_view what, std::string_view remedy) const {
  throw Error(ErrorKind::kInvalidData, name_, what,
              remedy.empty() ? "fetch the file again" : remedy);
}

std::filesystem::path plain_or_gzip(const std::filesystem::path& path) {
  std::error_code code;
  if (std::filesystem::exists(path, code)) return path;
  std::filesystem::path packed = path;
  packed += ".gz";
  if (std::filesystem::exists(packed, code)) return packed;
  return {};
}

}  // namespace nasmyth
