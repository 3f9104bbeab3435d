#include "tests/data/files.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <cstdio>
#include <cstring>
#include <fstream>

#include "nasmyth/core/random.h"

namespace nasmyth::test {

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(file.good()) << path;
}

std::string idx(const std::vector<std::uint32_t>& dimensions, std::string_view elements) {
  std::string bytes = {'\0', '\0', '\x08', static_cast<char>(dimensions.size())};
  for (const std::uint32_t d : dimensions)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(d >> shift & 255);
  return bytes += elements;
}

std::string npy(std::string_view descr, std::string_view shape, std::string_view elements,
                bool fortran) {
  std::string header = "{'descr': '" + std::string(descr) +
                       "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': (" +
                       std::string(shape) + "), }";
  header.append(64 - (header.size() + 11) % 64, ' ');
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes +=
      {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  return bytes + header + std::string(elements);
}

std::string tar(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string archive;
  for (const auto& [name, bytes] : files) {
    std::string header(512, '\0');
    std::memcpy(header.data(), name.data(), name.size());
    std::snprintf(header.data() + 100, 8, "%07o", 0644);
    std::snprintf(header.data() + 124, 12, "%011llo",
                  static_cast<unsigned long long>(bytes.size()));
    header[156] = name.back() == '/' ? '5' : '0';
    std::memcpy(header.data() + 257,
                "ustar\0"
                "00",
                8);
    std::memset(header.data() + 148, ' ', 8);
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    std::snprintf(header.data() + 148, 8, "%06o", sum);
    archive += header + bytes;
    archive.append((512 - bytes.size() % 512) % 512, '\0');
  }
  return archive.append(1024, '\0');
}

std::string noise_bytes(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed);
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(random.below(256));
  return bytes;
}

Dataset random_data(std::int64_t count, std::int64_t channels, std::int64_t height,
                    std::int64_t width, std::int64_t classes, std::uint64_t seed) {
  Dataset data;
  data.name = "random";
  data.count = count;
  data.channels = channels;
  data.height = height;
  data.width = width;
  const std::string bytes =
      noise_bytes(static_cast<std::size_t>(count * channels * height * width), seed);
  data.pixels.assign(bytes.begin(), bytes.end());
  for (std::int64_t i = 0; i < count; ++i) data.labels.push_back(i % classes);
  for (std::int64_t c = 0; c < classes; ++c) data.classes.push_back(std::to_string(c));
  compute_statistics(data);
  return data;
}

void expect_error(ErrorKind kind, std::string_view part, const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << "no error; expected one with '" << part << "'";
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    EXPECT_THAT(e.what(), testing::HasSubstr(std::string(part)));
  }
}

}  // namespace nasmyth::test
