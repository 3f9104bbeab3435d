#include "nasmyth/report/report_section.h"

namespace nasmyth {

#define NASMYTH_REPORT_SECTION(name, entry) ReportSectionEntry entry();
#include "nasmyth/report/report_sections.def"
#undef NASMYTH_REPORT_SECTION

Registry<ReportSectionEntry>& report_sections() {
  static Registry<ReportSectionEntry>& registry = *[] {
    auto* r = new Registry<ReportSectionEntry>("report section");  // never destroyed
#define NASMYTH_REPORT_SECTION(name, entry) r->add(#name, entry());
#include "nasmyth/report/report_sections.def"
#undef NASMYTH_REPORT_SECTION
    return r;
  }();
  return registry;
}

}  // namespace nasmyth
