#include "nasmyth/space/darts/genotype.h"

#include <algorithm>
#include <cctype>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

// Reads the small part of Python's literal syntax in which genotypes are published.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Genotype genotype() {
    Genotype g;
    word("Genotype");
    symbol('(');
    while (!accept(')')) {
      const std::string name = identifier();
      symbol('=');
      if (name == "normal")
        g.normal = edges();
      else if (name == "reduce")
        g.reduce = edges();
      else if (name == "normal_concat")
        g.normal_concat = numbers();
      else if (name == "reduce_concat")
        g.reduce_concat = numbers();
      else
        fail("unknown member '" + name + "'");
      accept(',');
    }
    if (!rest_is_empty()) fail("text follows the closing parenthesis");
    return g;
  }

 private:
  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool rest_is_empty() {
    skip();
    return at_ == text_.size();
  }
  bool accept(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void symbol(char c) {
    if (!accept(c)) fail(std::string("expected '") + c + "'");
  }
  std::string identifier() {
    skip();
    std::string name;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_'))
      name += text_[at_++];
    if (name.empty()) fail("expected a name");
    return name;
  }
  void word(std::string_view expected) {
    if (identifier() != expected) fail("expected '" + std::string(expected) + "'");
  }
  int number() {
    const std::string digits = identifier();
    if (digits.size() > 3 ||
        !std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c); }))
      fail("expected a small number, got '" + digits + "'");
    return std::stoi(digits);
  }
  std::string string() {
    skip();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fail("expected a quoted operation");
    ++at_;
    std::string name = identifier();
    symbol(quote);
    return name;
  }
  std::vector<Genotype::Edge> edges() {
    std::vector<Genotype::Edge> edges;
    symbol('[');
    while (!accept(']')) {
      symbol('(');
      std::string operation = string();
      symbol(',');
      edges.emplace_back(std::move(operation), number());
      symbol(')');
      accept(',');
    }
    return edges;
  }
  std::vector<int> numbers() {
    std::vector<int> list;
    skip();
    if (at_ < text_.size() && text_[at_] == 'r') {
      word("range");
      symbol('(');
      const int begin = number();
      symbol(',');
      const int end = number();
      symbol(')');
      for (int i = begin; i < end; ++i) list.push_back(i);
      return list;
    }
    symbol('[');
    while (!accept(']')) {
      list.push_back(number());
      accept(',');
    }
    return list;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::kInvalidData, "genotype:" + std::to_string(at_ + 1), what,
                "write Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, 3, 4, 5], "
                "reduce=[...], reduce_concat=[...])");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string long_name(std::string_view code) {
  static const std::vector<std::pair<std::string, std::string>> kNames{
      {"S3", "sep_conv_3x3"}, {"S5", "sep_conv_5x5"}, {"S7", "sep_conv_7x7"},
      {"D3", "dil_conv_3x3"}, {"D5", "dil_conv_5x5"}, {"M", "max_pool_3x3"},
      {"A", "avg_pool_3x3"},  {"I", "skip_connect"},  {"C7", "conv_7x1_1x7"}};
  for (const auto& [key, name] : kNames)
    if (key == code) return name;
  throw Error(ErrorKind::kInternal, "published cells", "unknown code " + std::string(code));
}

std::vector<Genotype::Edge> cell(std::string_view text) {
  std::vector<Genotype::Edge> edges;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const std::size_t dot = word.find('.');
    edges.emplace_back(long_name(word.substr(0, dot)), word[dot + 1] - '0');
    at = end + 1;
  }
  return edges;
}

Genotype published(std::string_view normal, std::string_view reduce,
                   std::vector<int> normal_concat = {2, 3, 4, 5},
                   std::vector<int> reduce_concat = {2, 3, 4, 5}) {
  return {cell(normal), cell(reduce), std::move(normal_concat), std::move(reduce_concat)};
}

// Cells as published, in the order in which each source prints them.
const std::vector<std::pair<std::string, Genotype>>& table() {
  static const std::vector<std::pair<std::string, Genotype>> kTable{
      {"DARTS_V1",
       published("S3.1 S3.0 I.0 S3.1 I.0 S3.1 S3.0 I.2", "M.0 M.1 I.2 M.0 M.0 I.2 I.2 A.0")},
      {"DARTS_V2",
       published("S3.0 S3.1 S3.0 S3.1 S3.1 I.0 I.0 D3.2", "M.0 M.1 I.2 M.1 M.0 I.2 I.2 M.1")},
      {"PC_DARTS_cifar", published("S3.1 I.0 S3.0 D3.1 S5.0 S3.1 A.0 D3.1",
                                   "S5.1 M.0 S5.1 S5.2 S3.0 S3.3 S3.1 S3.2")},
      {"PC_DARTS_image",
       published("I.1 S3.0 S3.0 I.1 S3.1 S3.3 S3.1 D5.4", "S3.0 I.1 D5.2 M.1 S3.2 S3.1 S5.0 S3.3")},
      {"PDARTS",
       published("I.0 D3.1 I.0 S3.1 S3.1 S3.3 S3.0 D5.4", "A.0 S5.1 S3.0 D5.2 M.0 D3.1 D3.1 D5.3")},
      {"DrNAS_cifar10", published("S3.0 S5.1 S3.1 S3.2 I.0 S3.1 S3.2 D5.3",
                                  "M.0 S5.1 D5.2 S5.1 S5.1 D5.3 I.4 S5.1")},
      {"DrNAS_imagenet", published("S3.1 S3.0 S3.0 S3.1 S3.0 D3.3 I.0 S3.1",
                                   "M.0 S3.1 S3.0 I.2 S3.0 S3.2 S3.3 S3.1")},
      {"SDARTS_RS",
       published("S3.1 S3.0 S5.1 I.0 S3.3 I.1 S3.1 D3.2", "M.0 S3.1 I.2 M.0 D5.3 M.0 S3.2 S5.3")},
      {"SDARTS_ADV",
       published("S3.0 S3.1 S3.1 I.0 S5.0 D3.3 D3.4 I.0", "M.0 S5.1 I.2 M.0 I.3 I.2 I.2 S5.4")},
      {"GDAS_V1",
       published("I.0 I.1 I.0 S5.2 S3.3 I.0 S5.4 S3.3", "S5.0 S3.1 S5.2 S5.1 D5.2 S3.1 S5.0 S5.2")},
      {"SNAS_mild",
       published("S3.0 S3.1 I.0 D3.1 I.1 I.0 I.0 S3.1", "M.0 M.1 M.1 I.2 I.2 M.1 M.0 D5.2")},
      {"MdeNAS",
       published("S5.1 S3.0 I.0 S5.1 S5.3 S3.1 D5.3 M.4", "M.0 S5.1 I.0 I.1 S3.3 I.2 D3.3 S5.0")},
      {"NASNet",
       published("S5.1 S3.0 S5.0 S3.0 A.1 I.0 A.0 A.0 S3.1 I.1",
                 "S5.1 S7.0 M.1 S7.0 A.1 S5.0 I.3 A.2 S3.2 M.1", {2, 3, 4, 5, 6}, {4, 5, 6})},
      {"AmoebaNet",
       published("A.0 M.1 S3.0 S5.2 S3.0 A.3 S3.1 I.1 I.0 A.1",
                 "A.0 S3.1 M.0 S7.2 S7.0 A.1 M.0 M.1 C7.0 S3.5", {4, 5, 6}, {3, 4, 6})},
      {"ENASNet", published("S3.1 I.1 S5.1 I.0 A.0 S3.1 S3.0 A.1 S5.1 A.0",
                            "S5.0 S3.1 S3.1 A.1 S3.1 A.1 A.1 S5.4 S3.5 S5.0", {2, 3, 4, 5, 6},
                            {2, 3, 4, 5, 6})},
      {"DARTS_PT_0",
       published("S3.0 S3.1 S5.0 D3.1 I.0 I.2 I.0 M.4", "S3.0 A.1 D5.1 D3.2 A.0 M.2 S3.2 I.4")},
      {"DARTS_PT_1",
       published("S3.0 S3.1 S3.0 D3.1 M.0 I.2 I.0 D3.4", "D5.0 A.1 M.0 S5.2 M.1 D3.3 S5.0 S3.4")},
      {"DARTS_PT_2",
       published("I.0 S3.1 S3.0 D3.1 I.2 D3.3 M.1 I.2", "A.0 M.1 A.0 S3.1 D5.2 I.3 S3.2 S5.4")},
      {"DARTS_PT_3",
       published("S3.0 S3.1 S3.0 S3.1 I.0 I.2 S3.1 I.3", "A.0 S5.1 M.1 I.2 D5.1 M.3 S5.2 I.3")}};
  return kTable;
}

std::string print_edges(const std::vector<Genotype::Edge>& edges) {
  std::string text = "[";
  for (const auto& [operation, source] : edges)
    text += std::string(text.size() > 1 ? ", " : "") + "('" + operation + "', " +
            std::to_string(source) + ")";
  return text + "]";
}

std::string print_numbers(const std::vector<int>& numbers) {
  std::string text = "[";
  for (int n : numbers) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + "]";
}

}  // namespace

Genotype parse_genotype(std::string_view text) { return Parser(text).genotype(); }

std::string print_genotype(const Genotype& genotype) {
  return "Genotype(normal=" + print_edges(genotype.normal) +
         ", normal_concat=" + print_numbers(genotype.normal_concat) +
         ", reduce=" + print_edges(genotype.reduce) +
         ", reduce_concat=" + print_numbers(genotype.reduce_concat) + ")";
}

std::vector<std::string> published_genotypes() {
  std::vector<std::string> names;
  for (const auto& [name, genotype] : table()) names.push_back(name);
  return names;
}

const Genotype* find_genotype(std::string_view name) {
  for (const auto& [key, genotype] : table())
    if (key == name) return &genotype;
  return nullptr;
}

}  // namespace nasmyth
