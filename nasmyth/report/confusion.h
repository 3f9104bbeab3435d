#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nasmyth {

/// How often a class was taken for another one.
struct Confused {
  int label = 0, predicted = 0;
  std::int64_t count = 0;
};

/// A confusion matrix [class, predicted], square.
struct Confusion {
  std::vector<std::string> classes;
  std::vector<std::int64_t> counts;

  int size() const { return static_cast<int>(classes.size()); }
  std::int64_t at(int label, int predicted) const {
    return counts[static_cast<std::size_t>(label) * classes.size() +
                  static_cast<std::size_t>(predicted)];
  }
  std::int64_t images(int label) const;     ///< of the class
  std::int64_t predicted(int label) const;  ///< as the class
  double recall(int label) const;           ///< NaN without images
  double precision(int label) const;        ///< NaN where it was never predicted
  /// Pairs that were confused, the most frequent first.
  std::vector<Confused> pairs() const;
};

/// With the names of the classes, or numbers where these are not known. Empty where the matrix is
/// not square, or does not fit the names.
Confusion confusion_of(std::vector<std::string> classes, std::vector<std::int64_t> counts);

/// The matrix as HTML: a table with numbers for up to 20 classes, else a picture.
std::string to_html(const Confusion& confusion);

}  // namespace nasmyth
