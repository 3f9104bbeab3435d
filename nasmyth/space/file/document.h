#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nasmyth/core/error.h"

namespace nasmyth {

/// A place in a text file; both count from 1, 0 is unknown.
struct TextPlace {
  int line = 0;
  int column = 0;
};

struct DocumentEntry;

/// One value of a YAML document with its place: a scalar, a list or a map. Aliases and merge keys
/// are copied in. Immutable in use; thread-safe to read.
struct DocumentNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;     ///< of a scalar
  bool quoted = false;  ///< the scalar stood in quotes
  TextPlace place;
  std::vector<DocumentNode> items;     ///< of a list
  std::vector<DocumentEntry> entries;  ///< of a map, in their order

  bool is_map() const { return kind == Kind::kMap; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_null() const { return kind == Kind::kNull; }
  /// The value of a key of a map; null when absent.
  const DocumentNode* find(std::string_view key) const;
  /// The keys of a map.
  std::vector<std::string> keys() const;
};

/// Key and value of a map. A type of its own: a pair would ask for a whole DocumentNode too early.
struct DocumentEntry {
  DocumentNode first, second;
};

/// "a map", "the list [a, b, ...]", "'text'": what stands there, for messages.
std::string describe(const DocumentNode& node);

/// Errors at places of one file.
class DocumentErrors {
 public:
  explicit DocumentErrors(std::string file) : file_(std::move(file)) {}
  const std::string& file() const { return file_; }
  /// "file:line:column"
  std::string at(TextPlace place) const;
  Error error(const DocumentNode& node, std::string_view what, std::string_view remedy = {},
              ErrorKind kind = ErrorKind::kInvalidData) const;
  /// The first key of a map that is not among `known` is an unknown-name error of kind `what`.
  void check_keys(const DocumentNode& map, const std::vector<std::string>& known,
                  std::string_view what) const;

 private:
  std::string file_;
};

/// Reads YAML of at most 1 MB, nested at most 40 deep, of at most 50,000 values with aliases
/// expanded. `file` stands for it in messages. Throws kInvalidData whose place is
/// `file:line:column`.
DocumentNode parse_document(std::string_view yaml, const std::string& file);

}  // namespace nasmyth
