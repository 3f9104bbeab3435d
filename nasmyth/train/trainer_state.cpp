// The byte form of a Trainer's state: magic, four sections with their lengths (JSON, parameters,
// optimiser, average), checksum.
#include <cstring>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/json.h"
#include "nasmyth/train/trainer.h"

namespace nasmyth {
namespace {

constexpr std::string_view kMagic = "NASMTRN1";

void append_section(std::string& bytes, std::string_view section) {
  const auto size = static_cast<std::uint64_t>(section.size());
  bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  bytes += section;
}

[[noreturn]] void fail(std::string_view where, std::string_view what) {
  throw Error(ErrorKind::kInvalidData, where, what, "use an undamaged state of this version");
}

std::string_view take_section(std::string_view& bytes, std::string_view where) {
  std::uint64_t size = 0;
  if (bytes.size() < sizeof size) fail(where, "the training state is truncated");
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes.remove_prefix(sizeof size);
  if (size > bytes.size()) fail(where, "the training state is truncated");
  const auto section = bytes.substr(0, static_cast<std::size_t>(size));
  bytes.remove_prefix(section.size());
  return section;
}

std::string_view checked_body(std::string_view bytes, std::string_view where) {
  std::uint64_t checksum = 0;
  if (bytes.size() < kMagic.size() + sizeof checksum || bytes.substr(0, kMagic.size()) != kMagic)
    fail(where, "it is no training state of this program, or of another version");
  const auto body = bytes.substr(0, bytes.size() - sizeof checksum);
  std::memcpy(&checksum, bytes.data() + body.size(), sizeof checksum);
  if (checksum != hash64(body)) fail(where, "the checksum of the training state is wrong");
  return body.substr(kMagic.size());
}

struct Position {
  std::int64_t epochs, epoch, batch, step;
};

Position read_position(const Json& json, std::string_view where) {
  const auto number = [&](const char* key) { return json_at<std::int64_t>(json, key, where); };
  const Position at{number("epochs"), number("epoch"), number("batch"), number("step")};
  if (at.epoch < 0 || at.epoch > at.epochs || at.batch < 0)
    fail(where, "the position in the run is impossible");
  return at;
}

std::vector<EpochMetrics> read_metrics(const Json& json, std::int64_t epochs,
                                       std::string_view where) {
  std::vector<EpochMetrics> metrics;
  for (const auto& line : json_at<std::vector<std::string>>(json, "metrics", where))
    metrics.push_back(epoch_metrics_from_json(line, where));
  if (static_cast<std::int64_t>(metrics.size()) != epochs)
    fail(where, "the metrics do not fit the position in the run");
  return metrics;
}

}  // namespace

std::string Trainer::fingerprint() const {
  std::string text;
  for (const auto& [name, value] : print_options(recipe_)) text += name + "=" + value + "\n";
  text += dataset_.name + " " + std::to_string(dataset_.count) + "\n";
  text += std::to_string(graph_.structural_hash()) + "\n";
  text +=
      std::to_string(random_.state().key) + " " + std::to_string(random_.state().counter) + "\n";
  text.append(reinterpret_cast<const char*>(indices_.data()),
              indices_.size() * sizeof(std::int64_t));
  return content_hash(text);
}

std::string Trainer::save_state() const {
  Json json = {{"fingerprint", fingerprint()},
               {"epochs", epochs_},
               {"epoch", epoch_},
               {"batch", batch_},
               {"step", step_},
               {"loss", sums_.loss},
               {"gradient_norm", sums_.gradient_norm},
               {"seconds", sums_.seconds},
               {"correct", sums_.correct},
               {"samples", sums_.samples},
               {"metrics", Json::array()}};
  for (const EpochMetrics& m : metrics_) json["metrics"].push_back(to_json(m));
  std::string bytes(kMagic);
  append_section(bytes, json_line(json));
  append_section(bytes, parameters_.serialize());
  append_section(bytes, optimizer_.serialize());
  append_section(bytes, average_ ? average_->serialize() : std::string());
  const std::uint64_t checksum = hash64(bytes);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  return bytes;
}

void Trainer::load_state(std::string_view bytes, std::string_view where) {
  std::string_view body = checked_body(bytes, where);
  const Json json = parse_json(take_section(body, where), where);
  if (json_at<std::string>(json, "fingerprint", where) != fingerprint())
    throw Error(ErrorKind::kInvalidArgument, where,
                "the state is that of another network, recipe, seed or data set",
                "resume with the configuration that wrote it");
  const auto parameters = ParameterStore::deserialize(take_section(body, where), where);
  auto optimizer = OptimizerState::deserialize(take_section(body, where), where);
  const auto average_bytes = take_section(body, where);
  if (!body.empty()) fail(where, "bytes follow the end of the training state");
  if (optimizer.first.size() != optimizer_.first.size() ||
      optimizer.second.size() != optimizer_.second.size() ||
      optimizer.steps.size() != optimizer_.steps.size())
    fail(where, "the optimiser state does not fit the network");

  const Position at = read_position(json, where);
  if (at.epochs > recipe_.epochs || at.batch >= steps_per_epoch_ ||
      at.step != at.epoch * steps_per_epoch_ + at.batch)
    fail(where, "the position in the run is impossible");
  std::vector<EpochMetrics> metrics = read_metrics(json, at.epoch, where);
  const auto real = [&](const char* key) { return json_at<double>(json, key, where); };
  const Sums sums{real("loss"), real("gradient_norm"), real("seconds"),
                  json_at<std::int64_t>(json, "correct", where),
                  json_at<std::int64_t>(json, "samples", where)};
  std::optional<ParameterStore> average;
  if (average_) average = ParameterStore::deserialize(average_bytes, where);

  parameters_.assign(parameters);
  if (average_) average_->assign(*average);
  optimizer_ = std::move(optimizer);
  epochs_ = at.epochs;
  epoch_ = at.epoch;
  batch_ = at.batch;
  step_ = at.step;
  sums_ = sums;
  metrics_ = std::move(metrics);
}

}  // namespace nasmyth
