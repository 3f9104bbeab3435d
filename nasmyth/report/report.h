#pragma once

#include <string>
#include <string_view>

#include "nasmyth/data/dataset.h"
#include "nasmyth/search/run_directory.h"

namespace nasmyth {

/// How a report is written.
struct ReportOptions {
  bool images = true;  ///< whether misclassified test images are shown; they are then in the file
};

/// The report of a run as one HTML page. A run that is under way, or was interrupted, gives a
/// report of what there is. `data`: the run's, where the caller has it; null: it is read, and its
/// images are left out with a note where that fails. Throws what RunDirectory::open throws.
std::string write_report(const RunDirectory& directory, const ReportOptions& options = {},
                         const DatasetPair* data = nullptr);

/// The file of a report in the directory of its run.
inline constexpr std::string_view kReportFile = "report.html";

}  // namespace nasmyth
