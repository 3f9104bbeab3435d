#pragma once

#include <string_view>

namespace nasmyth {

/// What every page carries inside itself; put into the library by cmake/NasmythReportAssets.cmake.
/// Safe to stand between the tags of HTML's `style` and `script`.

/// Style sheet: light and dark, on the screen and on paper.
std::string_view report_style();
/// Turns the charts of a page (chart.h) into drawings by the chart library.
std::string_view report_script();
/// Chart.js (third_party/chart.js).
std::string_view chart_library();

}  // namespace nasmyth
