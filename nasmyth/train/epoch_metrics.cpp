#include "nasmyth/train/epoch_metrics.h"

#include "nasmyth/core/json.h"

namespace nasmyth {

std::string to_json(const EpochMetrics& m, bool with_times) {
  Json json = {{"epoch", m.epoch},         {"epochs", m.epochs},
               {"step", m.step},           {"learning_rate", m.learning_rate},
               {"drop_path", m.drop_path}, {"loss", m.loss},
               {"accuracy", m.accuracy},   {"gradient_norm", m.gradient_norm}};
  if (with_times) {
    json["seconds"] = m.seconds;
    json["elapsed_seconds"] = m.elapsed_seconds;
  }
  if (!m.decision.empty()) json["decision"] = m.decision;
  return json_line(json);
}

EpochMetrics epoch_metrics_from_json(std::string_view text, std::string_view where) {
  const Json json = parse_json(text, where);
  EpochMetrics m;
  m.epoch = json_at<std::int64_t>(json, "epoch", where);
  m.epochs = json_at<std::int64_t>(json, "epochs", where);
  m.step = json_at<std::int64_t>(json, "step", where);
  m.learning_rate = json_at<double>(json, "learning_rate", where);
  m.drop_path = json_at<double>(json, "drop_path", where);
  m.loss = json_at<double>(json, "loss", where);
  m.accuracy = json_at<double>(json, "accuracy", where);
  m.gradient_norm = json_at<double>(json, "gradient_norm", where);
  if (json.contains("seconds")) {
    m.seconds = json_at<double>(json, "seconds", where);
    m.elapsed_seconds = json_at<double>(json, "elapsed_seconds", where);
  }
  if (json.contains("decision")) m.decision = json_at<std::string>(json, "decision", where);
  return m;
}

}  // namespace nasmyth
