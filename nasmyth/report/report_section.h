#pragma once

#include <optional>
#include <string>

#include "nasmyth/core/registry.h"
#include "nasmyth/data/dataset.h"
#include "nasmyth/report/run_record.h"
#include "nasmyth/resource/network_count.h"

namespace nasmyth {

/// What the sections of a report are written from. Borrows the run and the data.
struct ReportInput {
  const RunRecord& run;
  const DatasetPair* data = nullptr;  ///< the run's; null: not at hand, see `data_fault`
  std::string data_fault = {};        ///< why, in words
  bool images = true;                 ///< whether test images may be shown
  /// Layers of the run's network; absent where it has none yet or it cannot be counted.
  std::optional<CountedNetwork> counted = {};
  std::string count_fault = {};
};

/// A part of a report.
struct ReportSectionEntry {
  std::string title;  ///< its heading
  std::string help;   ///< one sentence
  /// Its content as HTML, all texts of users escaped; empty where the run has nothing to say there:
  /// the section is then left out. Thread-safe.
  std::string (*write)(const ReportInput& input);
};

/// The sections of a report in their order on the page, which is that of `report_sections.def`.
/// Filled on first use; add before use.
Registry<ReportSectionEntry>& report_sections();

}  // namespace nasmyth
