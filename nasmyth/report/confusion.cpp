#include "nasmyth/report/confusion.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "nasmyth/core/text.h"
#include "nasmyth/report/html.h"

namespace nasmyth {
namespace {

constexpr int kMostNumbers = 20;  // classes of a matrix with numbers
constexpr int kMostLetters = 10;  // of a class whose name stands upright above its column
constexpr int kCell = 7;          // of a picture, in pixels

double share(double part, double all) {
  return all > 0 ? part / all : std::numeric_limits<double>::quiet_NaN();
}

std::string strength(double value) {
  char text[32];
  // The root makes rare mistakes visible beside frequent ones.
  std::snprintf(text, sizeof text, "%.3f", std::sqrt(std::clamp(value, 0.0, 1.0)));
  return text;
}

std::string as_table(const Confusion& c) {
  const bool tall = std::any_of(c.classes.begin(), c.classes.end(),
                                [](const auto& name) { return text_width(name) > kMostLetters; });
  std::string html = "<div class=\"scroll\"><table class=\"matrix" +
                     std::string(tall ? " tall" : "") +
                     "\">\n<thead><tr><th scope=\"col\">class \\ "
                     "predicted</th>";
  for (const auto& name : c.classes)
    html += "<th scope=\"col\"><span>" + escape_html(name) + "</span></th>";
  html += "</tr></thead>\n<tbody>\n";
  for (int r = 0; r < c.size(); ++r) {
    const auto all = static_cast<double>(c.images(r));
    html +=
        "<tr><th scope=\"row\">" + escape_html(c.classes[static_cast<std::size_t>(r)]) + "</th>";
    for (int p = 0; p < c.size(); ++p) {
      const std::int64_t count = c.at(r, p);
      const double part = all > 0 ? static_cast<double>(count) / all : 0;
      html += "<td class=\"" + std::string(r == p ? "right" : "wrong") +
              "\" style=\"--s:" + strength(part) + "\">" +
              (count ? std::to_string(count) : std::string("<span class=\"zero\">0</span>")) +
              "</td>";
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string as_picture(const Confusion& c) {
  const std::string size = std::to_string(c.size() * kCell);
  std::string svg =
      "<figure class=\"matrix\"><figcaption>Confusion matrix: a row a class, a column "
      "a predicted class</figcaption>\n<svg viewBox=\"0 0 " +
      size + " " + size + "\" width=\"" + size + "\" height=\"" + size +
      "\" role=\"img\" aria-label=\"confusion matrix\">\n<rect class=\"ground\" width=\"" + size +
      "\" height=\"" + size + "\"/>\n";
  for (int r = 0; r < c.size(); ++r)
    for (int p = 0; p < c.size(); ++p) {
      if (c.at(r, p) == 0) continue;
      svg += "<rect class=\"" + std::string(r == p ? "right" : "wrong") + "\" x=\"" +
             std::to_string(p * kCell) + "\" y=\"" + std::to_string(r * kCell) + "\" width=\"" +
             std::to_string(kCell) + "\" height=\"" + std::to_string(kCell) + "\" style=\"--s:" +
             strength(share(static_cast<double>(c.at(r, p)), static_cast<double>(c.images(r)))) +
             "\"><title>" + escape_html(c.classes[static_cast<std::size_t>(r)]) + " as " +
             escape_html(c.classes[static_cast<std::size_t>(p)]) + ": " +
             std::to_string(c.at(r, p)) + "</title></rect>\n";
    }
  return svg + "</svg></figure>\n";
}

}  // namespace

std::int64_t Confusion::images(int label) const {
  std::int64_t sum = 0;
  for (int p = 0; p < size(); ++p) sum += at(label, p);
  return sum;
}

std::int64_t Confusion::predicted(int label) const {
  std::int64_t sum = 0;
  for (int r = 0; r < size(); ++r) sum += at(r, label);
  return sum;
}

double Confusion::recall(int label) const {
  return share(static_cast<double>(at(label, label)), static_cast<double>(images(label)));
}

double Confusion::precision(int label) const {
  return share(static_cast<double>(at(label, label)), static_cast<double>(predicted(label)));
}

std::vector<Confused> Confusion::pairs() const {
  std::vector<Confused> pairs;
  for (int r = 0; r < size(); ++r)
    for (int p = 0; p < size(); ++p)
      if (r != p && at(r, p) > 0) pairs.push_back({r, p, at(r, p)});
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Confused& a, const Confused& b) { return a.count > b.count; });
  return pairs;
}

Confusion confusion_of(std::vector<std::string> classes, std::vector<std::int64_t> counts) {
  const auto n =
      static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(counts.size()))));
  if (n == 0 || n * n != counts.size()) return {};
  if (classes.empty())
    for (std::size_t c = 0; c < n; ++c) classes.push_back(std::to_string(c));
  if (classes.size() != n) return {};
  return {std::move(classes), std::move(counts)};
}

std::string to_html(const Confusion& confusion) {
  if (confusion.size() == 0) return {};
  return confusion.size() <= kMostNumbers ? as_table(confusion) : as_picture(confusion);
}

}  // namespace nasmyth
