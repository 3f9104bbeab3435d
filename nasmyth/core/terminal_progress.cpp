#include "nasmyth/core/terminal_progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "nasmyth/core/table_text.h"
#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

constexpr int kBarColumns = 20;

bool is_terminal(std::FILE* stream) {
  const int descriptor = ::fileno(stream);
  const char* kind = std::getenv("TERM");
  return descriptor >= 0 && ::isatty(descriptor) == 1 &&
         !(kind != nullptr && std::string_view(kind) == "dumb");
}

std::string rate_text(double rate, std::string_view unit) {
  if (rate >= 1) return fmt::format("{} {}/s", format_si(rate), unit);
  return fmt::format("{:.2g} {}/s", rate, unit);
}

// The first `columns` code points of `text`.
std::string_view truncated(std::string_view text, int columns) {
  std::size_t i = 0;
  for (; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80 && columns-- <= 0) break;
  return text.substr(0, i);
}

}  // namespace

TerminalProgress::TerminalProgress(std::FILE* stream, const Clock& clock, Settings settings)
    : stream_(stream),
      clock_(clock),
      settings_(settings),
      terminal_(settings.terminal.value_or(is_terminal(stream))) {}

TerminalProgress::TerminalProgress(std::FILE* stream, const Clock& clock)
    : TerminalProgress(stream, clock, Settings()) {}

TerminalProgress::~TerminalProgress() { clear(); }

void TerminalProgress::begin(std::string_view phase, std::int64_t total, std::string_view unit) {
  Phase entry;
  entry.name = phase;
  entry.unit = unit;
  entry.total = total;
  entry.started = clock_.now_seconds();
  phases_.push_back(std::move(entry));
  // A terminal shows a new phase at once; a log hears of it when there is something to tell.
  if (terminal_)
    show(phases_.back());
  else if (phases_.size() == 1)
    next_time_ = clock_.now_seconds() + settings_.line_interval;
}

void TerminalProgress::advance(std::int64_t done, Figures figures) {
  if (phases_.empty()) return;
  Phase& phase = phases_.back();
  const double now = clock_.now_seconds();
  phase.done = done;
  if (!phase.measured) {
    phase.measured = true;
    phase.measured_time = now;
    phase.measured_done = done;
  }
  const bool due = now >= next_time_;
  // Text is made only when it may be shown: now, or by end() after the last unit.
  if (!due && done < phase.total) return;
  phase.figures.clear();
  for (const auto& [name, value] : figures)
    phase.figures += fmt::format(", {} {:.4g}", name, value);
  if (due) show(phase);
}

void TerminalProgress::note(std::string_view message) {
  clear();
  write_line(message);
  if (terminal_ && !phases_.empty()) show(phases_.back());
}

void TerminalProgress::end() {
  if (phases_.empty()) return;
  const Phase phase = std::move(phases_.back());
  phases_.pop_back();
  clear();
  const double seconds = clock_.now_seconds() - phase.started;
  // Inner phases that were over quickly would only fill the screen.
  if (!phases_.empty() && seconds < settings_.line_interval) return;
  const std::string of =
      phase.total > 0 && phase.done < phase.total ? fmt::format(" of {}", phase.total) : "";
  write_line(fmt::format("{}: {}{} {} in {}{}", phase.name, phase.done, of, phase.unit,
                         format_duration(seconds), phase.figures));
}

double TerminalProgress::rate(const Phase& phase) const {
  const double seconds = clock_.now_seconds() - phase.measured_time;
  if (!phase.measured || seconds <= 0) return 0;
  return static_cast<double>(phase.done - phase.measured_done) / seconds;
}

std::string TerminalProgress::bar(const Phase& phase) const {
  const double part = static_cast<double>(phase.done) / static_cast<double>(phase.total);
  const int filled = std::clamp(static_cast<int>(part * kBarColumns), 0, kBarColumns);
  return fmt::format("[{}{}] ", std::string(filled, '='), std::string(kBarColumns - filled, ' '));
}

std::string TerminalProgress::status(const Phase& phase) const {
  std::string text = std::to_string(phase.done);
  if (phase.total > 0) text += fmt::format("/{}", phase.total);
  text += " " + phase.unit;
  if (phase.total > 0)
    text += fmt::format(
        " ({} %)",
        std::clamp<std::int64_t>(static_cast<std::int64_t>(100.0 * static_cast<double>(phase.done) /
                                                           static_cast<double>(phase.total)),
                                 0, 100));
  if (const double speed = rate(phase); speed > 0) {
    text += ", " + rate_text(speed, phase.unit);
    if (phase.total > phase.done)
      text += fmt::format(", {} left",
                          format_duration(static_cast<double>(phase.total - phase.done) / speed));
  }
  return text + phase.figures;
}

int TerminalProgress::columns() const {
  if (settings_.width > 0) return settings_.width;
  winsize size{};
  if (::ioctl(::fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

void TerminalProgress::write_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stream_);
  std::fputc('\n', stream_);
  std::fflush(stream_);
}

void TerminalProgress::clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", stream_);
  std::fflush(stream_);
  drawn_ = false;
}

void TerminalProgress::show(const Phase& phase) {
  const std::string text = status(phase);
  if (!terminal_) {
    next_time_ = clock_.now_seconds() + settings_.line_interval;
    write_line(phase.name + ": " + text);
    return;
  }
  next_time_ = clock_.now_seconds() + settings_.redraw_interval;
  const std::string line = phase.name + " " + (phase.total > 0 ? bar(phase) : "") + text;
  // The last column stays free: writing there wraps on some terminals.
  const std::string_view fitting = truncated(line, columns() - 1);
  std::fputs("\r", stream_);
  std::fwrite(fitting.data(), 1, fitting.size(), stream_);
  std::fputs("\x1b[K", stream_);
  std::fflush(stream_);
  drawn_ = true;
}

}  // namespace nasmyth
