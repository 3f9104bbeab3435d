# Style, script and chart library of the report pages become texts inside libnasmyth: a source with
# one raw string literal each, so that neither the build nor a page needs anything from elsewhere.

set(nasmyth_report_assets_source "${CMAKE_BINARY_DIR}/generated/report_assets.cpp")
set(nasmyth_report_assets
    "report_style=nasmyth/report/assets/report.css"
    "report_script=nasmyth/report/assets/report.js"
    "chart_library=third_party/chart.js/chart.umd.min.js")
set(nasmyth_report_asset_files "")
foreach(asset IN LISTS nasmyth_report_assets)
  string(REGEX REPLACE "^[^=]*=" "${CMAKE_SOURCE_DIR}/" file "${asset}")
  list(APPEND nasmyth_report_asset_files "${file}")
endforeach()
string(JOIN "," nasmyth_report_assets_argument ${nasmyth_report_assets})
add_custom_command(
  OUTPUT "${nasmyth_report_assets_source}"
  COMMAND
    "${CMAKE_COMMAND}" "-DASSETS=${nasmyth_report_assets_argument}" "-DROOT=${CMAKE_SOURCE_DIR}"
    "-DOUTPUT=${nasmyth_report_assets_source}" -P "${CMAKE_SOURCE_DIR}/cmake/embed_texts.cmake"
  DEPENDS ${nasmyth_report_asset_files} "${CMAKE_SOURCE_DIR}/cmake/embed_texts.cmake"
  COMMENT "Embedding the assets of the report"
  VERBATIM)
target_sources(nasmyth_report PRIVATE "${nasmyth_report_assets_source}")
