#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace nasmyth {

/// Named numbers that accompany progress, in the order in which to show them: ("loss", 0.31).
using Figures = std::span<const std::pair<std::string, double>>;

/// Hears how a long computation gets on. The library never prints; a program passes an observer.
/// This class ignores everything. All calls come from the thread that started the computation.
/// Phases may nest: begin and end pair up like brackets, advance belongs to the innermost.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;

  /// A phase ("search") of `total` units ("steps") begins; a total of 0 is unknown.
  virtual void begin(std::string_view phase, std::int64_t total, std::string_view unit);

  /// `done` units of the innermost phase are finished. A resumed phase starts above 0.
  virtual void advance(std::int64_t done, Figures figures);

  /// A remark for the user, one line.
  virtual void note(std::string_view message);

  /// The innermost phase ends, also when it was cut short.
  virtual void end();
};

/// Calls begin now and end when the scope is left, also by an exception.
class ProgressPhase {
 public:
  ProgressPhase(ProgressSink& sink, std::string_view phase, std::int64_t total,
                std::string_view unit);
  ~ProgressPhase();
  ProgressPhase(const ProgressPhase&) = delete;
  ProgressPhase& operator=(const ProgressPhase&) = delete;

  void advance(std::int64_t done, Figures figures = {}) { sink_.advance(done, figures); }

 private:
  ProgressSink& sink_;
};

}  // namespace nasmyth
