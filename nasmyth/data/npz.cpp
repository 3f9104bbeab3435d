#include "nasmyth/data/npz.h"

#include <zip.h>

#include <algorithm>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr std::string_view kEnding = ".npy";
constexpr zip_int64_t kMostEntries = 10000;

zip_t* handle(void* archive) { return static_cast<zip_t*>(archive); }

std::string reason(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

}  // namespace

// One array inside of the archive.
class NpzFile::Entry : public ByteSource {
 public:
  Entry(zip_t* archive, const std::string& path, const std::string& name)
      : ByteSource(path + ":" + name) {
    file_.reset(zip_fopen(archive, (name + std::string(kEnding)).c_str(), 0));
    if (!file_)
      fail("the archive is damaged there: " + std::string(zip_strerror(archive)),
           "write it again with numpy.savez");
  }

 protected:
  std::size_t read_some(std::span<std::uint8_t> target) override {
    const zip_int64_t got = zip_fread(file_.get(), target.data(), target.size());
    if (got < 0)
      fail("the archive is damaged there: " + std::string(zip_file_strerror(file_.get())),
           "write it again with numpy.savez");
    return static_cast<std::size_t>(got);
  }

 private:
  struct CloseEntry {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
  };
  std::unique_ptr<zip_file_t, CloseEntry> file_;
};

void NpzFile::Close::operator()(void* archive) const { zip_discard(static_cast<zip_t*>(archive)); }

NpzFile::NpzFile(const std::filesystem::path& path) : path_(path.string()) {
  int code = 0;
  archive_.reset(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive_)
    throw Error(
        code == ZIP_ER_NOENT || code == ZIP_ER_OPEN ? ErrorKind::kIo : ErrorKind::kInvalidData,
        path_, "no archive of arrays can be read: " + reason(code),
        "give a file that numpy.savez wrote");
  const zip_int64_t count = zip_get_num_entries(handle(archive_.get()), 0);
  if (count > kMostEntries)
    throw Error(ErrorKind::kInvalidData, path_,
                "an archive of " + std::to_string(count) + " entries", "save fewer arrays");
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* text = zip_get_name(handle(archive_.get()), static_cast<zip_uint64_t>(i), 0);
    const std::string_view name = text == nullptr ? "" : text;
    if (name.ends_with(kEnding) && name.size() > kEnding.size())
      names_.emplace_back(name.substr(0, name.size() - kEnding.size()));
  }
}

NpzFile::~NpzFile() = default;
NpzFile::NpzFile(NpzFile&&) noexcept = default;
NpzFile& NpzFile::operator=(NpzFile&&) noexcept = default;

NpyHeader NpzFile::header(const std::string& name) const {
  Entry entry(handle(archive_.get()), path_, name);
  return read_npy_header(entry);
}

NpyArray NpzFile::read(const std::string& name) const {
  Entry entry(handle(archive_.get()), path_, name);
  return read_npy(entry);
}

}  // namespace nasmyth
