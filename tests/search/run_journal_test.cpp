#include "nasmyth/search/run_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "tests/support/temporary_directory.h"

namespace nasmyth::test {
namespace {

class Notes : public ProgressSink {
 public:
  void note(std::string_view message) override { text += std::string(message) + "\n"; }
  std::string text;
};

class RunJournalTest : public testing::Test {
 protected:
  RunJournalTest() : directory_(RunDirectory::create(temporary_.path() / "run")) {
    directory_.write(RunDirectory::kConfiguration, "seed: 1\n");
  }
  RunJournal open() {
    RunJournal journal(directory_, notes_, {}, 1e9);
    journal.load();
    return journal;
  }
  void damage(std::string_view name) {
    std::string bytes = directory_.read(name);
    bytes[bytes.size() / 2] ^= 1;
    directory_.write(name, bytes);
  }
  std::string refusal() {
    try {
      open();
      return {};
    } catch (const Error& e) {
      return e.what();
    }
  }

  TemporaryDirectory temporary_;
  RunDirectory directory_;
  Notes notes_;
};

TEST_F(RunJournalTest, GoesOnFromTheLastCheckpoint) {
  RunJournal journal = open();
  EXPECT_FALSE(journal.has("a"));
  EXPECT_EQ(journal.get("a"), "");
  journal.put("a", std::string("1\0 2", 4));
  directory_.append_metrics("{}");
  journal.save();
  journal.put("b", "lost");
  directory_.append_metrics("{\"lost\": 1}");
  const RunJournal again = open();
  EXPECT_EQ(again.get("a"), std::string("1\0 2", 4));
  EXPECT_FALSE(again.has("b"));
  EXPECT_EQ(directory_.read(RunDirectory::kMetrics), "{}\n");
}

TEST_F(RunJournalTest, WithoutCheckpointBeginsAgain) {
  directory_.append_metrics("{}");
  open();
  EXPECT_EQ(directory_.read(RunDirectory::kMetrics), "");
}

TEST_F(RunJournalTest, UsesTheCheckpointBeforeADamagedOne) {
  RunJournal journal = open();
  for (const char* value : {"first", "second"}) {
    journal.put("a", value);
    directory_.append_metrics("{}");
    journal.save();
  }
  damage(RunJournal::kFile);
  EXPECT_EQ(open().get("a"), "first");
  EXPECT_EQ(directory_.read(RunDirectory::kMetrics), "{}\n");
  EXPECT_THAT(notes_.text, testing::HasSubstr("the checkpoint before it is used"));
  damage(RunJournal::kPrevious);
  EXPECT_THAT(refusal(), testing::HasSubstr("none of its checkpoints is whole"));
}

// A kill between the two renames leaves only the checkpoint before.
TEST_F(RunJournalTest, UsesTheCheckpointBeforeAMissingOne) {
  RunJournal journal = open();
  for (const char* value : {"first", "second"}) {
    journal.put("a", value);
    journal.save();
  }
  std::filesystem::remove(directory_.file(RunJournal::kFile));
  EXPECT_EQ(open().get("a"), "first");
}

TEST_F(RunJournalTest, RefusesAnotherConfiguration) {
  RunJournal journal = open();
  journal.save();
  directory_.write(RunDirectory::kConfiguration, "seed: 2\n");
  EXPECT_THAT(refusal(), testing::HasSubstr("not the configuration that the run began with"));
}

TEST_F(RunJournalTest, NumbersAreFoundOnce) {
  RunJournal journal = open();
  int calls = 0;
  const auto find = [&]() -> std::optional<double> { return ++calls / 3.0; };
  EXPECT_EQ(journal.number("x", find), 1 / 3.0);
  journal.save();
  EXPECT_EQ(open().number("x", find), 1 / 3.0);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(journal.number("y", [] { return std::optional<double>(); }), std::nullopt);
  EXPECT_FALSE(journal.has("y"));
}

TEST_F(RunJournalTest, TimesGoOn) {
  RunJournal journal = open();
  journal.begin("a");
  journal.end("a");
  const double seconds = journal.seconds("a");
  EXPECT_GE(seconds, 0);
  journal.begin("b");
  journal.save();
  const RunJournal again = open();
  EXPECT_EQ(again.seconds("a"), seconds);
  EXPECT_GE(again.seconds("b"), 0);
}

}  // namespace
}  // namespace nasmyth::test
