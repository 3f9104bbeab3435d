#include "nasmyth/core/progress.h"

namespace nasmyth {

void ProgressSink::begin(std::string_view, std::int64_t, std::string_view) {}
void ProgressSink::advance(std::int64_t, Figures) {}
void ProgressSink::note(std::string_view) {}
void ProgressSink::end() {}

ProgressPhase::ProgressPhase(ProgressSink& sink, std::string_view phase, std::int64_t total,
                             std::string_view unit)
    : sink_(sink) {
  sink_.begin(phase, total, unit);
}

ProgressPhase::~ProgressPhase() { sink_.end(); }

}  // namespace nasmyth
