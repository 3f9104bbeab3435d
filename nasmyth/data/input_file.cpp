#include "nasmyth/data/input_file.h"

#include <zlib.h>

#include <cerrno>
#include <system_error>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

gzFile handle(void* file) { return static_cast<gzFile>(file); }

}  // namespace

void InputFile::Close::operator()(void* file) const { gzclose_r(handle(file)); }

InputFile::InputFile(const std::filesystem::path& path) : ByteSource(path.string()) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code))
    throw Error(ErrorKind::kIo, name(), "it is a folder, not a file", "give the file");
  errno = 0;
  file_.reset(gzopen(path.c_str(), "rb"));
  if (!file_)
    throw Error(ErrorKind::kIo, name(),
                "cannot open: " + std::generic_category().message(errno ? errno : ENOMEM),
                "check the path and its permissions");
  gzbuffer(handle(file_.get()), 1 << 17);
}

std::size_t InputFile::read_some(std::span<std::uint8_t> target) {
  const int got = gzread(handle(file_.get()), target.data(), static_cast<unsigned>(target.size()));
  int code = Z_OK;
  std::string_view text = gzerror(handle(file_.get()), &code);
  if (text.starts_with(name() + ": ")) text.remove_prefix(name().size() + 2);
  if (code == Z_ERRNO)
    throw Error(ErrorKind::kIo, name(), "cannot read: " + std::generic_category().message(errno),
                "check the file and its disk");
  if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
    fail("the gzip data is damaged or truncated after " + std::to_string(position()) +
         " bytes: " + std::string(text));
  return static_cast<std::size_t>(got);
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
