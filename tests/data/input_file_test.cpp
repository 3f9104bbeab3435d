#include "nasmyth/data/input_file.h"

#include <gtest/gtest.h>

#include "nasmyth/data/tar.h"
#include "tests/data/files.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth {
namespace {

using test::expect_error;
using test::gzip;
using test::noise_bytes;
using test::write_bytes;

class InputFileTest : public testing::Test {
 protected:
  std::filesystem::path file(std::string_view bytes) {
    write_bytes(folder_ / "file", bytes);
    return folder_ / "file";
  }
  std::string rest(std::string_view bytes, std::uint64_t most = 1 << 26) {
    InputFile input(file(bytes));
    const auto read = input.read_rest(most);
    return {read.begin(), read.end()};
  }

  test::TemporaryDirectory folder_;
};

TEST_F(InputFileTest, PlainAndGzipReadTheSame) {
  for (std::size_t size : {0u, 1u, 100u, 1u << 20, (3u << 20) + 17u}) {
    const std::string bytes = noise_bytes(size, size);
    EXPECT_TRUE(rest(bytes) == bytes) << size;
    EXPECT_TRUE(rest(gzip(bytes)) == bytes) << size;
  }
}

TEST_F(InputFileTest, ReadsPieces) {
  InputFile input(file(gzip("abcdefgh")));
  std::vector<std::uint8_t> piece(3);
  input.read_exactly(piece, "head");
  EXPECT_EQ(piece, (std::vector<std::uint8_t>{'a', 'b', 'c'}));
  input.append_exactly(piece, 2, "body");
  EXPECT_EQ(piece.back(), 'e');
  expect_error(ErrorKind::kInvalidData, "which is at 5", [&] { input.expect_end(); });
  std::vector<std::uint8_t> more(9);
  EXPECT_EQ(input.read(more), 2u);  // one was read by expect_end
  EXPECT_NO_THROW(input.expect_end());
  expect_error(ErrorKind::kInvalidData, "truncated: tail of 9 bytes; got 0",
               [&] { input.read_exactly(more, "tail"); });
}

TEST_F(InputFileTest, TruncatedGzip) {
  const std::string packed = gzip(noise_bytes(5000, 1));
  // From the third byte on the file is recognised as gzip.
  for (std::size_t size = 3; size < packed.size(); size += size < 40 ? 1 : 61)
    expect_error(ErrorKind::kInvalidData, "file", [&] { rest(packed.substr(0, size)); });
  for (std::size_t size = packed.size() - 9; size < packed.size(); ++size)
    expect_error(ErrorKind::kInvalidData, "file", [&] { rest(packed.substr(0, size)); });
}

TEST_F(InputFileTest, DamagedGzip) {
  const std::string packed = gzip(noise_bytes(5000, 1));
  for (std::size_t i = 11; i < packed.size(); i += 37) {
    std::string damaged = packed;
    damaged[i] = static_cast<char>(damaged[i] ^ 16);
    expect_error(ErrorKind::kInvalidData, "gzip", [&] { rest(damaged); });
  }
}

TEST_F(InputFileTest, SizeIsLimited) {
  EXPECT_EQ(rest("12345", 5), "12345");
  expect_error(ErrorKind::kInvalidData, "more than 5", [&] { rest("123456", 5); });
  // 64 MB of zeros in some kilobytes.
  const std::string bomb = gzip(std::string(64 << 20, '\0'));
  expect_error(ErrorKind::kInvalidData, "more than 1000", [&] { rest(bomb, 1000); });
}

TEST_F(InputFileTest, MissingFilesAndFolders) {
  expect_error(ErrorKind::kIo, "absent", [&] { InputFile(folder_ / "absent"); });
  expect_error(ErrorKind::kIo, "folder", [&] { InputFile(folder_.path()); });
  EXPECT_EQ(plain_or_gzip(folder_ / "x"), "");
  write_bytes(folder_ / "x.gz", "");
  EXPECT_EQ(plain_or_gzip(folder_ / "x"), folder_ / "x.gz");
  write_bytes(folder_ / "x", "");
  EXPECT_EQ(plain_or_gzip(folder_ / "x"), folder_ / "x");
}

TEST_F(InputFileTest, LyingCountsCostNoMemory) {
  InputFile input(file("abc"));
  std::vector<std::uint8_t> bytes;
  expect_error(ErrorKind::kInvalidData, "got 3",
               [&] { input.append_exactly(bytes, std::uint64_t{1} << 60, "body"); });
  EXPECT_LE(bytes.capacity(), std::size_t{1} << 26);
}

class TarTest : public InputFileTest {
 protected:
  std::vector<TarEntry> read(std::string_view bytes, std::uint64_t most = 1 << 20) {
    InputFile input(file(bytes));
    return read_tar(
        input, [](std::string_view name) { return name != "other"; }, most);
  }
};

TEST_F(TarTest, ReadsWantedFiles) {
  const std::string a = noise_bytes(1000, 1), b = noise_bytes(512, 2);
  const std::string archive =
      test::tar({{"folder/", ""}, {"folder/a", a}, {"other", a}, {"b", b}, {"empty", ""}});
  for (const std::string& bytes : {archive, gzip(archive)}) {
    const auto entries = read(bytes);
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0].name, "a");
    EXPECT_EQ(std::string(entries[0].bytes.begin(), entries[0].bytes.end()), a);
    EXPECT_EQ(entries[1].name, "b");
    EXPECT_EQ(std::string(entries[1].bytes.begin(), entries[1].bytes.end()), b);
    EXPECT_TRUE(entries[2].bytes.empty());
  }
}

TEST_F(TarTest, DamageIsFound) {
  const std::string archive = test::tar({{"a", noise_bytes(1000, 1)}, {"b", "text"}});
  for (std::size_t size = 0; size < archive.size() - 1024; size += 64)
    expect_error(ErrorKind::kInvalidData, "file", [&] { read(archive.substr(0, size)); });
  for (std::size_t i : {0u, 100u, 126u, 150u, 257u, 1536u}) {
    std::string damaged = archive;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    expect_error(ErrorKind::kInvalidData, "archive", [&] { read(damaged); });
  }
  expect_error(ErrorKind::kInvalidData, "no tar archive", [&] { read(noise_bytes(2048, 3)); });
  expect_error(ErrorKind::kInvalidData, "too many bytes", [&] { read(archive, 1000); });
}

}  // namespace
}  // namespace nasmyth
