// Where mistakes are made: confusion matrix, classes, pairs that are confused, test images.
#include <algorithm>
#include <cmath>
#include <map>

#include "nasmyth/data/png_writer.h"
#include "nasmyth/report/base64.h"
#include "nasmyth/report/confusion.h"
#include "nasmyth/report/html.h"
#include "nasmyth/report/report_section.h"
#include "nasmyth/report/signal_drawing.h"

namespace nasmyth {
namespace {

constexpr std::size_t kMostImages = 32;
constexpr std::size_t kMostPairs = 10;
constexpr int kGreatestSide = 96;  // of an image on the page, in its own pixels

std::string class_table(const Confusion& c) {
  std::vector<int> order;
  for (int k = 0; k < c.size(); ++k) order.push_back(k);
  // The worst first; classes without images last.
  const auto key = [&](int k) { return std::isfinite(c.recall(k)) ? c.recall(k) : 2; };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return key(a) < key(b); });
  HtmlTable table({"class", ">images", ">recall", "", ">precision"}, "compact");
  for (int k : order)
    table.add_row({cell(c.classes[static_cast<std::size_t>(k)]),
                   cell(count_text(static_cast<double>(c.images(k)))),
                   cell(percent_text(c.recall(k))), raw(bar(c.recall(k))),
                   cell(percent_text(c.precision(k)))});
  return table.to_html();
}

std::string pair_table(const Confusion& c, const std::vector<Confused>& pairs) {
  HtmlTable table({"class", "taken for", ">images", ">of its class"}, "compact");
  for (std::size_t i = 0; i < std::min(pairs.size(), kMostPairs); ++i) {
    const Confused& p = pairs[i];
    table.add_row({cell(c.classes[static_cast<std::size_t>(p.label)]),
                   cell(c.classes[static_cast<std::size_t>(p.predicted)]),
                   cell(count_text(static_cast<double>(p.count))),
                   cell(percent_text(static_cast<double>(p.count) /
                                     static_cast<double>(c.images(p.label))))});
  }
  return table.to_html();
}

// An image as bytes; other values are spread from its own least to its own greatest.
std::vector<std::uint8_t> bytes_of(const Dataset& data, std::int64_t index) {
  if (!data.has_values()) {
    const auto planes = data.image(index);
    return {planes.begin(), planes.end()};
  }
  const auto values = data.value_image(index);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const float range = *high - *low;
  std::vector<std::uint8_t> bytes;
  for (float value : values)
    bytes.push_back(
        static_cast<std::uint8_t>(range > 0 ? std::lround(255 * ((value - *low) / range)) : 0));
  return bytes;
}

Picture picture_of(const Dataset& data, std::int64_t index) {
  const std::vector<std::uint8_t> planes = bytes_of(data, index);
  Picture picture{static_cast<int>(data.channels),
                  static_cast<int>(data.height),
                  static_cast<int>(data.width),
                  {}};
  const auto plane = static_cast<std::size_t>(data.height * data.width);
  const auto channels = static_cast<std::size_t>(data.channels);
  picture.pixels.resize(plane * channels);
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < plane; ++i)
      picture.pixels[i * channels + c] = planes[c * plane + i];
  const int side = std::max(picture.height, picture.width);
  if (side <= kGreatestSide) return picture;
  const auto scaled = [&](int size) { return std::max(1, size * kGreatestSide / side); };
  return resized(picture, scaled(picture.height), scaled(picture.width), Resize::kStretch);
}

std::string drawing(const Dataset& data, std::int64_t index, const std::string& label) {
  if (can_draw_signal(data))
    return draw_signal(data, index, label + ", test sample " + std::to_string(index));
  return "<img alt=\"" + escape_html(label) + "\" title=\"test image " + std::to_string(index) +
         "\" src=\"data:image/png;base64," + base64(to_png(picture_of(data, index))) + "\">";
}

// Wrong test images, turn by turn from the pairs that are confused most often.
std::vector<std::int64_t> sample(const ArmRecord& arm, const std::vector<std::int64_t>& labels,
                                 const std::vector<Confused>& pairs) {
  std::map<std::pair<std::int64_t, int>, std::vector<std::int64_t>> wrong;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (arm.predictions[i] != labels[i])
      wrong[{labels[i], arm.predictions[i]}].push_back(static_cast<std::int64_t>(i));
  std::vector<std::int64_t> images;
  for (std::size_t turn = 0; images.size() < kMostImages; ++turn) {
    const std::size_t before = images.size();
    for (const auto& pair : pairs) {
      const auto it = wrong.find({pair.label, pair.predicted});
      if (it != wrong.end() && turn < it->second.size() && images.size() < kMostImages)
        images.push_back(it->second[turn]);
    }
    if (images.size() == before) break;
  }
  return images;
}

// Why the images of the data cannot be shown; empty where they can.
std::string obstacle(const ReportInput& input) {
  const RunRecord& run = input.run;
  if (!input.images) return "They were left out on request (--no-images).";
  if (run.own()->predictions.empty())
    return "The run has no record of its predictions (" + std::string(RunDirectory::kPredictions) +
           ").";
  if (!input.data) return "The data is not at hand: " + input.data_fault;
  const Dataset& test = input.data->test;
  if (test.labels != run.labels) return "The data is not what it was when the run was made.";
  if (test.channels != 1 && test.channels != 3 && !can_draw_signal(test))
    return "Samples of " + std::to_string(test.channels) + " channels are no pictures.";
  return {};
}

std::string images(const ReportInput& input, const Confusion& c,
                   const std::vector<Confused>& pairs) {
  const RunRecord& run = input.run;
  if (const std::string why = obstacle(input); !why.empty())
    return paragraph("Misclassified test images are not shown. " + why, "note");
  const auto name = [&](std::int64_t k) {
    return k >= 0 && k < c.size() ? c.classes[static_cast<std::size_t>(k)] : std::to_string(k);
  };
  std::string html = "<ul class=\"images\">\n";
  for (std::int64_t i : sample(*run.own(), run.labels, pairs)) {
    const std::string label = name(run.labels[static_cast<std::size_t>(i)]);
    const std::string predicted = name(run.own()->predictions[static_cast<std::size_t>(i)]);
    html += "<li>" + drawing(input.data->test, i, label) + "<span>" + escape_html(label) +
            "</span><small>taken for " + escape_html(predicted) + "</small></li>\n";
  }
  return html + "</ul>\n";
}

std::string write(const ReportInput& input) {
  const RunRecord& run = input.run;
  if (!run.own()) return {};
  const Confusion c = confusion_of(run.classes, run.own()->confusion);
  if (c.size() == 0) return {};
  const std::vector<Confused> pairs = c.pairs();
  std::string html = to_html(c);
  if (pairs.empty()) return html + paragraph("The network is right on every test image.");
  html += "<div class=\"columns\"><div>" + heading("Classes, the worst first") + class_table(c) +
          "</div><div>" + heading("Most frequent mistakes") + pair_table(c, pairs) +
          "</div></div>\n";
  return html + heading("Misclassified test images") + images(input, c, pairs);
}

}  // namespace

ReportSectionEntry mistakes_section() {
  return {"Mistakes", "confusion matrix, recall of each class, misclassified images", write};
}

}  // namespace nasmyth
