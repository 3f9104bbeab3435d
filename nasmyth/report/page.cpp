#include "nasmyth/report/page.h"

#include <fstream>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/version.h"
#include "nasmyth/report/assets.h"
#include "nasmyth/report/html.h"

namespace nasmyth {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kGenerator = "<meta name=\"generator\" content=\"nasmyth";
// Nothing from elsewhere, whatever the page may hold.
constexpr std::string_view kPolicy =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action "
    "'none'\">\n";
// So that a browser asks for no icon.
constexpr std::string_view kIcon = "<link rel=\"icon\" href=\"data:,\">\n";

std::string anchor(std::string_view title) {
  std::string id;
  for (char c : title) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    id += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  }
  return id;
}

std::string script(std::string_view text) {
  return "<script>\n" + std::string(text) + "\n</script>\n";
}

bool own_page(const fs::path& path) {
  constexpr std::size_t kHead = 1024;
  std::string head(kHead, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), static_cast<std::streamsize>(kHead));
  return head.find(kGenerator) != std::string::npos;
}

}  // namespace

std::string html_page(std::string_view title, std::string_view subtitle,
                      const std::vector<PagePart>& parts) {
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += std::string(kGenerator) + " " + std::string(version()) + "\">\n" + std::string(kPolicy) +
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n" +
          std::string(kIcon) + "<title>" + escape_html(title) + "</title>\n<style>\n" +
          std::string(report_style()) + "</style>\n</head>\n<body>\n<header>\n<h1>" +
          escape_html(title) + "</h1>\n" + std::string(subtitle) + "<nav>";
  for (const auto& [name, content] : parts)
    html += "<a href=\"#" + anchor(name) + "\">" + escape_html(name) + "</a> ";
  html +=
      "</nav>\n</header>\n<main>\n<noscript><p class=\"warning\">Charts need JavaScript; tables "
      "and drawings are here without it.</p></noscript>\n";
  for (const auto& [name, content] : parts)
    html += "<section id=\"" + anchor(name) + "\">\n<h2>" + escape_html(name) + "</h2>\n" +
            content + "</section>\n";
  html += "</main>\n<footer>Written by Nasmyth " + std::string(version()) +
          ". Charts by Chart.js (MIT licence).</footer>\n";
  if (html.find("<canvas") != std::string::npos)
    html += script(chart_library()) + script(report_script());
  return html + "</body>\n</html>\n";
}

void write_page(const fs::path& path, std::string_view html) {
  std::error_code ignored;
  if (fs::exists(path, ignored) && (!fs::is_regular_file(path, ignored) || !own_page(path)))
    throw Error(ErrorKind::kInvalidArgument, path.string(),
                "it exists already and is no report; it is not overwritten",
                "give another file with --output");
  write_file_atomic(path, html);
}

}  // namespace nasmyth
