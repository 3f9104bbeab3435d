#include "nasmyth/report/words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "nasmyth/report/html.h"
#include "nasmyth/train/statistics.h"

namespace nasmyth {

std::string arm_title(const std::string& arm) {
  if (arm == "search") return "found network";
  if (arm == "random") return "random search";
  if (arm == "hand_made") return "hand-made network";
  if (arm == "train") return "trained network";
  return arm;
}

std::string accuracy_html(const ArmRecord& arm) {
  std::string html = "<strong>" + percent_text(arm.test_accuracy()) + "</strong>";
  const auto images = static_cast<double>(arm.test_images());
  if (images <= 0 || !std::isfinite(arm.test_accuracy())) return html;
  const auto [low, high] = share_interval(arm.test_accuracy() * images, images);
  char text[64];
  std::snprintf(text, sizeof text, "%.1f \xe2\x80\x93 %.1f", 100 * low, 100 * high);
  return html + "<small>" + text + "</small>";
}

std::string p_phrase(double p) {
  const std::string text = p_text(p);
  // Spaces that do not break.
  return text.starts_with("<") ? "p\xc2\xa0<\xc2\xa0" + text.substr(2)
                               : "p\xc2\xa0=\xc2\xa0" + text;
}

std::string cost_html(double cost, const Limit& limit) {
  if (!std::isfinite(cost)) return "n/a";
  const bool kept = within(cost, limit);
  const double share = cost / limit.at_most;
  // The limit stands at 80 % of the bar, so that what exceeds it is seen.
  return count_text(cost) + bar(0.8 * share, 0.8, kept ? "" : "over");
}

std::string resource_title(const std::string& resource) {
  if (resource == "macs") return "MACs";
  if (resource == "conv_macs") return "MACs of convolutions";
  std::string title = resource;
  std::replace(title.begin(), title.end(), '_', ' ');
  return title;
}

std::string metric_title(const std::string& metric) {
  if (metric == "macro_f1") return "macro F1";
  if (metric == "auc") return "AUC";
  std::string title = metric;
  std::replace(title.begin(), title.end(), '_', ' ');
  return title;
}

}  // namespace nasmyth
