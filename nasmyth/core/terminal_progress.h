#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/clock.h"
#include "nasmyth/core/progress.h"

namespace nasmyth {

/// Shows progress on a terminal as one line that is redrawn (bar, rate, time that remains, figures)
/// and elsewhere as plain lines, few enough for a log file. Write errors are ignored.
class TerminalProgress final : public ProgressSink {
 public:
  struct Settings {
    double line_interval = 5;      ///< s between plain lines
    double redraw_interval = 0.1;  ///< s between redraws of the terminal's line
    std::optional<bool> terminal;  ///< absent: whether the stream is a terminal is found out
    int width = 0;                 ///< columns of the terminal; 0: found out
  };

  /// Borrows stream and clock, which must outlive this object.
  TerminalProgress(std::FILE* stream, const Clock& clock, Settings settings);
  TerminalProgress(std::FILE* stream, const Clock& clock);
  ~TerminalProgress() override;
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;

  void begin(std::string_view phase, std::int64_t total, std::string_view unit) override;
  void advance(std::int64_t done, Figures figures) override;
  void note(std::string_view message) override;
  void end() override;

 private:
  struct Phase {
    std::string name;
    std::string unit;
    std::int64_t total = 0;
    std::int64_t done = 0;
    std::string figures;
    double started = 0;
    bool measured = false;  // the rate counts from the first advance: a resumed phase starts late
    double measured_time = 0;
    std::int64_t measured_done = 0;
  };

  double rate(const Phase& phase) const;
  std::string bar(const Phase& phase) const;
  std::string status(const Phase& phase) const;
  int columns() const;
  void write_line(std::string_view line);
  void clear();
  void show(const Phase& phase);

  std::FILE* stream_;
  const Clock& clock_;
  Settings settings_;
  bool terminal_;
  bool drawn_ = false;
  double next_time_ = 0;
  std::vector<Phase> phases_;
};

}  // namespace nasmyth
