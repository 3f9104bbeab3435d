// Files of samples.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

// libjpeg needs <cstdio> before it.
#include <jpeglib.h>
#include <png.h>
#include <zip.h>

#include "nasmyth/data/array_data.h"
#include "nasmyth/data/array_labels.h"
#include "nasmyth/data/array_names.h"
#include "nasmyth/data/cifar.h"
#include "nasmyth/data/idx.h"
#include "nasmyth/data/picture.h"
#include "tests/data/files.h"
#include "tests/fuzz/target_support.h"
#include "tests/fuzz/targets.h"

namespace nasmyth::test {
namespace {

constexpr std::int64_t kSmall = 1 << 16;  // elements that are worth reading

std::string png_bytes(int width, int height, bool colour) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  const std::string pixels = noise_bytes(PNG_IMAGE_SIZE(image), 1);
  std::string bytes(1 << 14, '\0');
  png_alloc_size_t size = bytes.size();
  require(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr),
          "a PNG can be written");
  bytes.resize(size);
  return bytes;
}

std::string jpeg_bytes(int width, int height, bool colour, bool progressive) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = colour ? 3 : 1;
  info.in_color_space = colour ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(&info);
  if (progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  std::string row = noise_bytes(static_cast<std::size_t>(width * info.input_components), 2);
  while (info.next_scanline < info.image_height) {
    auto* line = reinterpret_cast<JSAMPROW>(row.data());
    jpeg_write_scanlines(&info, &line, 1);
  }
  jpeg_finish_compress(&info);
  std::string bytes(reinterpret_cast<char*>(buffer), size);
  jpeg_destroy_compress(&info);
  std::free(buffer);
  return bytes;
}

std::string zip_bytes(const std::vector<std::pair<std::string, std::string>>& entries,
                      bool packed) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  for (const auto& [name, bytes] : entries) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    const auto index = zip_file_add(archive, name.c_str(), source, 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index),
                             packed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    zip_file_set_dostime(archive, static_cast<zip_uint64_t>(index), 0, 0x21, 0);
  }
  require(zip_close(archive) == 0, "an archive can be written");
  zip_stat_t stat;
  zip_source_stat(target, &stat);
  zip_source_open(target);
  std::string bytes(stat.size, '\0');
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

}  // namespace

void run_picture(std::span<const std::byte> input) {
  const auto path = scratch_file("picture", input);
  accepts([&] {
    const Picture picture = read_picture(path);
    require(picture.pixels.size() == static_cast<std::size_t>(picture.channels) *
                                         static_cast<std::size_t>(picture.height) *
                                         static_cast<std::size_t>(picture.width),
            "a picture has all its pixels");
    if (std::max(picture.height, picture.width) > 2048) return;
    for (const Resize how : {Resize::kCrop, Resize::kPad, Resize::kStretch})
      as_planes(with_channels(resized(picture, 5, 7, how), 4 - picture.channels));
  });
}

std::vector<std::string> picture_seeds() {
  return {png_bytes(3, 2, false),         png_bytes(9, 4, true),
          jpeg_bytes(8, 8, false, false), jpeg_bytes(17, 9, true, false),
          jpeg_bytes(9, 17, true, true),  ""};
}

void run_npy(std::span<const std::byte> input) {
  const auto path = scratch_file("a.npy", input);
  NpyArray array;
  if (!accepts([&] { array = read_npy_file(path); })) return;
  require(static_cast<std::int64_t>(array.bytes.size()) ==
              array.header.elements() * array.header.type.size,
          "an array has all its bytes");
  if (array.header.elements() > kSmall) return;
  accepts([&] { labels_of(array); });
  accepts([&] { choose_layout(array.header.shape, "auto", "a.npy"); });
  for (const auto& layout : layout_names())
    if (layout.size() == array.header.shape.size()) accepts([&] { samples_of(array, layout); });
  accepts([&] { read_samples(path, {3, 1, 2, "ncl", false}); });
}

std::vector<std::string> npy_seeds() {
  std::vector<std::string> seeds{npy("<f4", "2, 3, 2", noise_bytes(48, 1)),
                                 npy(">f8", "2, 3", noise_bytes(48, 2), true),
                                 npy("<f2", "4,", noise_bytes(8, 3)),
                                 npy("|u1", "2, 2, 2, 3", noise_bytes(24, 4)),
                                 npy("<i8", "3,", noise_bytes(24, 5)),
                                 npy("|b1", "2, 2", std::string("\1\0\0\1", 4)),
                                 npy("|S3", "2,", "catdog"),
                                 npy("<U2", "1,", std::string("a\0\0\0b\0\0\0", 8)),
                                 npy("|u1", "2, 0", "")};
  seeds.push_back(gzip(seeds.front()));
  return seeds;
}

void run_npz(std::span<const std::byte> input) {
  const auto path = scratch_file("a.npz", input);
  accepts([&] { read_arrays(path, {}); });
  accepts([&] { read_samples(path, {1, 2, 2, "", true}); });
}

std::vector<std::string> npz_seeds() {
  const std::string x = npy("|u1", "8, 2, 2", noise_bytes(32, 1));
  const std::string values = npy("<f4", "8, 2, 2", std::string(128, '\0'));
  const std::string y = npy("|u1", "8,", std::string("\0\1\0\1\0\1\0\1", 8));
  const std::string names = npy("|S1", "2,", "ab");
  return {zip_bytes({{"x.npy", x}, {"y.npy", y}}, false),
          zip_bytes({{"x_train.npy", values},
                     {"y_train.npy", y},
                     {"x_test.npy", values},
                     {"y_test.npy", y},
                     {"classes.npy", names}},
                    true),
          zip_bytes({{"train_images.npy", x},
                     {"train_labels.npy", y},
                     {"val_images.npy", x},
                     {"val_labels.npy", y}},
                    false)};
}

void run_idx(std::span<const std::byte> input) {
  const auto images = scratch_file("images", take_part(input));
  const auto labels = scratch_file("labels", input);
  accepts([&] {
    Dataset data = read_idx(images, labels);
    compute_statistics(data);
    check(data);
  });
}

std::vector<std::string> idx_seeds() {
  const std::string images = idx({4, 2, 3}, noise_bytes(24, 1));
  const std::string labels = idx({4}, std::string("\0\1\2\1", 4));
  return {as_part(images) + labels, as_part(gzip(images)) + gzip(labels),
          as_part(idx({2, 3, 2, 2}, noise_bytes(24, 2))) + idx({2}, std::string("\0\1", 2))};
}

void run_cifar(std::span<const std::byte> input) {
  const CifarFormat& format = cifar10_format();
  const auto archive = scratch_file(format.archive, input);
  accepts([&] { read_cifar(format, archive); });
  const auto records = scratch_file("records.bin", input);
  accepts([&] { read_cifar_files(format, {records}); });
}

std::vector<std::string> cifar_seeds() {
  const CifarFormat& format = cifar10_format();
  std::string record(3073, '\5');
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& name : format.train_files)
    files.emplace_back(format.folder + "/" + name, record);
  files.emplace_back(format.folder + "/" + format.test_file, record);
  return {gzip(tar(files)), tar({{"a/", ""}, {"a/data_batch_1.bin", "short"}}), gzip(record),
          record};
}

}  // namespace nasmyth::test
