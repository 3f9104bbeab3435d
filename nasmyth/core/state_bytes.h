#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nasmyth {

/// Writes the fields of a checkpoint one after the other; finish() adds a checksum.
class StateWriter {
 public:
  /// `kind` names content and version; a reader must ask for the same.
  explicit StateWriter(std::string_view kind);
  void number(std::int64_t value);
  void real(double value);
  void text(std::string_view bytes);
  std::string finish();

 private:
  std::string bytes_;
};

/// Reads what StateWriter wrote, in the same order. Damaged, truncated or foreign bytes are errors
/// of kind kInvalidData that name `where`.
class StateReader {
 public:
  StateReader(std::string_view bytes, std::string_view kind, std::string_view where);
  std::int64_t number();
  double real();
  /// A view into the bytes given to the constructor.
  std::string_view text();

 private:
  std::string_view take(std::size_t n);
  std::string_view rest_;
  std::string where_;
};

}  // namespace nasmyth
