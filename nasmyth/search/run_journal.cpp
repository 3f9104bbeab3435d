#include "nasmyth/search/run_journal.h"

#include <cstring>
#include <filesystem>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/state_bytes.h"
#include "nasmyth/core/version.h"
#include "nasmyth/train/trainer.h"

namespace nasmyth {
namespace {

constexpr std::string_view kKind = "run checkpoint 1";

std::string as_bytes(double number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

double as_number(std::string_view bytes, std::string_view name) {
  double number;
  if (bytes.size() != sizeof number)
    throw Error(ErrorKind::kInvalidData, "checkpoint",
                "entry '" + std::string(name) + "' is no number");
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

}  // namespace

RunJournal::RunJournal(const RunDirectory& directory, ProgressSink& progress,
                       std::function<bool()> stop, double seconds, std::optional<double> begun)
    : directory_(directory),
      plan_(directory),
      progress_(progress),
      stop_(std::move(stop)),
      seconds_(seconds),
      configuration_(content_hash(directory.read(RunDirectory::kConfiguration))),
      opened_(begun.value_or(clock_.now_seconds())),
      saved_(clock_.now_seconds()) {}

void RunJournal::read(std::string_view bytes, const std::string& where) {
  StateReader r(bytes, kKind, where);
  const std::string program(r.text()), configuration(r.text());
  const double seconds = r.real();
  const std::int64_t metrics = r.number(), count = r.number();
  std::map<std::string, std::string, std::less<>> entries;
  for (std::int64_t i = 0; i < count; ++i) {
    std::string name(r.text());
    entries.emplace(std::move(name), std::string(r.text()));
  }
  if (configuration != configuration_)
    throw Error(ErrorKind::kInvalidArgument, directory_.file(RunDirectory::kConfiguration).string(),
                "it is not the configuration that the run began with",
                "restore it, or begin another run with --config and --output");
  if (program != version())
    progress_.note("the run was begun by version " + program +
                   " of this program, and goes on with " + std::string(version()) +
                   ": its result may differ from that of either");
  entries_ = std::move(entries);
  earlier_ = seconds;
  truncate_file(directory_.file(RunDirectory::kMetrics), static_cast<std::uint64_t>(metrics));
}

void RunJournal::load() {
  std::string damage;
  for (const std::string_view name : {kFile, kPrevious}) {
    if (!directory_.has(name)) continue;
    const std::string where = directory_.file(name).string();
    try {
      read(directory_.read(name), where);
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::kInvalidData) throw;
      damage = where + ": " + e.fault();
      continue;
    }
    if (!damage.empty()) progress_.note(damage + "; the checkpoint before it is used");
    return;
  }
  if (!damage.empty())
    throw Error(ErrorKind::kInvalidData, directory_.path().string(),
                "none of its checkpoints is whole: " + damage,
                "begin another run with --config " +
                    directory_.file(RunDirectory::kConfiguration).string());
  truncate_file(directory_.file(RunDirectory::kMetrics), 0);
}

std::string_view RunJournal::get(std::string_view name) const {
  const auto it = entries_.find(name);
  return it == entries_.end() ? std::string_view() : std::string_view(it->second);
}

void RunJournal::put(std::string_view name, std::string bytes) {
  entries_.insert_or_assign(std::string(name), std::move(bytes));
}

void RunJournal::erase(std::string_view name) {
  if (const auto it = entries_.find(name); it != entries_.end()) entries_.erase(it);
}

std::optional<double> RunJournal::number(const std::string& name,
                                         const std::function<std::optional<double>()>& find) {
  if (has(name)) return as_number(get(name), name);
  const std::optional<double> found = find();
  if (!found) return found;
  put(name, as_bytes(*found));
  if (pause()) save();
  return found;
}

void RunJournal::begin(const std::string& stage) {
  if (!has("begun:" + stage)) put("begun:" + stage, as_bytes(active_seconds()));
}

void RunJournal::end(const std::string& stage) {
  if (!has("seconds:" + stage)) put("seconds:" + stage, as_bytes(seconds(stage)));
}

double RunJournal::seconds(const std::string& stage) const {
  if (has("seconds:" + stage)) return as_number(get("seconds:" + stage), stage);
  return active_seconds() - as_number(get("begun:" + stage), stage);
}

void RunJournal::save() {
  StateWriter w(kKind);
  w.text(version());
  w.text(configuration_);
  w.real(active_seconds());
  std::error_code absent;
  const auto metrics = std::filesystem::file_size(directory_.file(RunDirectory::kMetrics), absent);
  w.number(absent ? 0 : static_cast<std::int64_t>(metrics));
  w.number(static_cast<std::int64_t>(entries_.size()));
  for (const auto& [name, bytes] : entries_) {
    w.text(name);
    w.text(bytes);
  }
  write_file_keeping(directory_.file(kFile), directory_.file(kPrevious), w.finish());
  saved_ = clock_.now_seconds();
}

bool RunJournal::pause() const { return stopped() || clock_.now_seconds() - saved_ >= seconds_; }

bool RunJournal::train(Trainer& trainer, std::string_view name,
                       const std::function<void(const Trainer&)>& on_epoch) {
  if (has(name)) trainer.load_state(get(name), directory_.file(kFile).string());
  trainer.set_stop([this] { return pause(); });
  while (!trainer.finished()) {
    const bool whole = trainer.run_epoch(progress_);
    if (whole && on_epoch) on_epoch(trainer);
    if (trainer.finished()) break;
    if (!pause()) continue;
    put(name, trainer.save_state());
    save();
    if (stopped()) return false;
  }
  erase(name);
  return true;
}

}  // namespace nasmyth
