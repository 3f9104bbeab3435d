#include "nasmyth/core/terminal_progress.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace nasmyth {
namespace {

using Figure = std::pair<std::string, double>;

/// A stream in memory.
class Recorder {
 public:
  Recorder() : stream_(std::tmpfile()) {}
  ~Recorder() { std::fclose(stream_); }
  std::FILE* stream() { return stream_; }
  std::string text() {
    std::string text(static_cast<std::size_t>(std::ftell(stream_)), '\0');
    std::rewind(stream_);
    text.resize(std::fread(text.data(), 1, text.size(), stream_));
    return text;
  }

 private:
  std::FILE* stream_;
};

TEST(TerminalProgress, WritesFewPlainLines) {
  Recorder recorder;
  FakeClock clock(100);
  {
    TerminalProgress progress(recorder.stream(), clock);
    const ProgressPhase phase(progress, "search", 100, "steps");
    for (int done = 1; done <= 100; ++done) {
      clock.advance(0.2);
      const std::array figures = {Figure("loss", 1.0 / done)};
      progress.advance(done, figures);
    }
    progress.note("derived");
  }
  EXPECT_EQ(recorder.text(),
            "search: 25/100 steps (25 %), 5.00 steps/s, 15.0 s left, loss 0.04\n"
            "search: 50/100 steps (50 %), 5.00 steps/s, 10.0 s left, loss 0.02\n"
            "search: 75/100 steps (75 %), 5.00 steps/s, 5.0 s left, loss 0.01333\n"
            "search: 100/100 steps (100 %), 5.00 steps/s, loss 0.01\n"
            "derived\n"
            "search: 100 steps in 20.0 s, loss 0.01\n");
}

TEST(TerminalProgress, RedrawsOneLineOnATerminal) {
  Recorder recorder;
  FakeClock clock;
  {
    TerminalProgress progress(recorder.stream(), clock, {.terminal = true, .width = 60});
    progress.begin("train", 4, "epochs");
    clock.advance(1);
    progress.advance(1, {});
    clock.advance(0.05);
    progress.advance(1, {});
    clock.advance(0.95);
    progress.advance(2, {});
    progress.note("saved");
    progress.end();
  }
  const std::string bar0 = "train [                    ] ";
  const std::string bar2 = "train [==========          ] ";
  EXPECT_EQ(recorder.text(), "\r" + bar0 + "0/4 epochs (0 %)\x1b[K" +
                                 "\rtrain [=====               ] 1/4 epochs (25 %)\x1b[K" + "\r" +
                                 bar2 + "2/4 epochs (50 %), 1 epochs/s,\x1b[K" + "\r\x1b[Ksaved\n" +
                                 "\r" + bar2 + "2/4 epochs (50 %), 1 epochs/s,\x1b[K" +
                                 "\r\x1b[Ktrain: 2 of 4 epochs in 2.0 s\n");
}

TEST(TerminalProgress, ResumedPhaseCountsItsOwnUnitsOnly) {
  Recorder recorder;
  FakeClock clock;
  TerminalProgress progress(recorder.stream(), clock);
  progress.begin("search", 1000, "steps");
  progress.advance(900, {});
  clock.advance(10);
  progress.advance(910, {});
  EXPECT_EQ(recorder.text(), "search: 910/1000 steps (91 %), 1 steps/s, 1 min 30 s left\n");
}

TEST(TerminalProgress, QuickInnerPhasesAreSilentInALog) {
  Recorder recorder;
  FakeClock clock;
  TerminalProgress progress(recorder.stream(), clock);
  progress.end();
  progress.advance(1, {});
  progress.begin("search", 2, "epochs");
  progress.begin("epoch", 0, "steps");
  progress.advance(10, {});
  progress.end();
  progress.advance(1, {});
  progress.end();
  EXPECT_EQ(recorder.text(), "search: 1 of 2 epochs in 0 s\n");
}

TEST(ProgressSink, IgnoresEverythingByDefault) {
  ProgressSink sink;
  ProgressPhase phase(sink, "search", 3, "steps");
  phase.advance(1);
  sink.note("x");
}

}  // namespace
}  // namespace nasmyth
