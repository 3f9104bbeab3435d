#include "nasmyth/data/array_layout.h"

#include <algorithm>
#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/core/text.h"
#include "nasmyth/data/reading.h"

namespace nasmyth {
namespace {

std::string axes_words(std::string_view layout) {
  std::string words;
  for (const char axis : layout) {
    words += words.empty() ? "[" : ", ";
    words += axis == 'n'   ? "n"
             : axis == 'c' ? "channels"
             : axis == 'h' ? "height"
             : axis == 'w' ? "width"
                           : "length";
  }
  return words + "]";
}

std::string four_axes(const std::vector<std::int64_t>& shape, std::string_view where) {
  if (shape[1] == shape[3])
    throw Error(ErrorKind::kShape, where,
                "of the axes " + shape_text(shape) +
                    " the second and the last are equal, so either could be the channels",
                "say which: layout=nchw or layout=nhwc");
  return shape[1] < shape[3] ? "nchw" : "nhwc";
}

}  // namespace

const std::vector<std::string>& layout_names() {
  static const std::vector<std::string> kNames{"nhw", "nhwc", "nchw", "nl", "ncl", "nlc"};
  return kNames;
}

LayoutChoice choose_layout(const std::vector<std::int64_t>& shape, const std::string& wanted,
                           std::string_view where) {
  const std::string got = shape_text(shape);
  if (wanted != "auto") {
    if (std::find(layout_names().begin(), layout_names().end(), wanted) == layout_names().end())
      throw unknown_name(where, "layout", wanted, layout_names());
    if (wanted.size() != shape.size())
      throw Error(
          ErrorKind::kShape, where,
          "the layout " + wanted + " has " + std::to_string(wanted.size()) + " axes; got " + got,
          "give another layout, or none");
    return {wanted, got + " is read as " + axes_words(wanted) + ", as layout=" + wanted + " says"};
  }
  switch (shape.size()) {
    case 2:
      return {"nl", got + " is read as signals " + axes_words("nl")};
    case 3:
      return {"nhw", got + " is read as grey images " + axes_words("nhw") +
                         "; of signals say layout=ncl or layout=nlc"};
    case 4: {
      const std::string layout = four_axes(shape, where);
      return {layout, got + " is read as " + axes_words(layout) +
                          ": the smaller of the second and the last axis are the channels; "
                          "otherwise say layout=" +
                          (layout == "nchw" ? "nhwc" : "nchw")};
    }
    default:
      throw Error(ErrorKind::kShape, where, "samples have two to four axes; got " + got,
                  "reshape the array to [n, length], [n, height, width] or [n, height, width, "
                  "channels]");
  }
}

NpyView layout_view(const NpyArray& array, std::string_view layout) {
  const std::vector<std::int64_t> strides = array.strides();
  NpyView view{{1, 1, 1, 1}, {0, 0, 0, 0}};
  for (std::size_t d = 0; d < layout.size(); ++d) {
    const std::size_t to = std::string_view("nchw").find(layout[d] == 'l' ? 'w' : layout[d]);
    view.sizes[to] = array.header.shape[d];
    view.strides[to] = strides[d];
  }
  return view;
}

ArraySamples samples_of(const NpyArray& array, std::string_view layout) {
  const auto& shape = array.header.shape;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end())
    throw Error(ErrorKind::kShape, array.name, "it is empty: " + shape_text(shape),
                "give at least one sample");
  const bool bytes = array.header.type.kind == 'b' ||
                     (array.header.type.kind == 'u' && array.header.type.size == 1);
  if (array.header.elements() > kMostBytes / (bytes ? 1 : 4))
    throw Error(ErrorKind::kOutOfRange, array.name,
                "its samples " + shape_text(shape) + " take more than 2 GiB in memory",
                "use fewer or smaller samples");
  const NpyView view = layout_view(array, layout);
  ArraySamples samples;
  samples.count = view.sizes[0];
  samples.channels = view.sizes[1];
  samples.height = view.sizes[2];
  samples.width = view.sizes[3];
  if (samples.channels > 65536 || samples.height > 65536 || samples.width > 1 << 20)
    throw Error(ErrorKind::kOutOfRange, array.name,
                "samples of " + shape_text({samples.channels, samples.height, samples.width}) +
                    " (channels, height, width)",
                "check the layout, or use smaller samples");
  if (bytes) {
    samples.bytes = npy_bytes(array, view);
    return samples;
  }
  samples.values = npy_floats(array, view);
  const auto size = static_cast<std::size_t>(samples.sample_size());
  for (std::size_t i = 0; i < samples.values.size(); i += size) {
    const auto begin = samples.values.begin() + static_cast<std::ptrdiff_t>(i);
    if (!std::all_of(begin, begin + static_cast<std::ptrdiff_t>(size),
                     [](float v) { return std::isfinite(v); }))
      samples.broken.push_back(static_cast<std::int64_t>(i / size));
  }
  return samples;
}

}  // namespace nasmyth
