#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace nasmyth {

/// What went wrong, so that a caller can react without reading the text.
enum class ErrorKind {
  kUnknownName,      ///< a name that no registry, space or table knows
  kInvalidArgument,  ///< a value of the wrong form
  kOutOfRange,       ///< a value of the right form outside of its range
  kShape,            ///< tensors that do not fit each other
  kInvalidData,      ///< a file that is damaged, truncated or of another format
  kInfeasible,       ///< limits that no architecture meets
  kIo,               ///< missing file, no permission, full disk
  kUnsupported,      ///< a combination that this build or machine does not offer
  kInternal,         ///< a broken promise of the program itself
};

/// Exit code of the program for an error of `kind`: 2 for what a user can mend, 1 for a fault.
int exit_code(ErrorKind kind);

/// The one exception of the library. Its text reads `[where] what; got ...; try ...`.
class Error : public std::runtime_error {
 public:
  /// `where`: option, file and line, or scope in a network. `what`: what was found to be wrong,
  /// with the offending value. `remedy`: what to do about it; may be empty.
  Error(ErrorKind kind, std::string_view where, std::string_view what,
        std::string_view remedy = {});

  ErrorKind kind() const { return kind_; }
  const std::string& where() const { return where_; }
  /// The text without the place and without the remedy.
  const std::string& fault() const { return fault_; }
  /// The same error at another place.
  Error at(std::string_view where) const { return Error(kind_, where, fault_, remedy_); }

 private:
  ErrorKind kind_;
  std::string where_;
  std::string fault_, remedy_;
};

/// The candidate nearest to `name` by edit distance, or an empty view when none is near.
std::string_view nearest_name(std::string_view name, std::span<const std::string> candidates);

/// An error of kind kUnknownName: `unknown <kind> '<name>'; did you mean '<nearest>'?` followed by
/// the known names when they are few.
Error unknown_name(std::string_view where, std::string_view kind, std::string_view name,
                   std::span<const std::string> candidates);

}  // namespace nasmyth
