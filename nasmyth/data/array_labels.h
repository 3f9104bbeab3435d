#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nasmyth/data/npy.h"

namespace nasmyth {

/// The labels of samples as an array gives them: numbers, or names.
struct ArrayLabels {
  std::vector<std::int64_t> numbers;  ///< empty where there are names
  std::vector<std::string> names;
  bool one_hot = false;  ///< the array had one column a class
  std::string where;     ///< for messages

  bool named() const { return !names.empty(); }
  std::size_t size() const { return named() ? names.size() : numbers.size(); }
};

/// [n] or [n, 1] whole numbers, truth values or text; or [n, classes] rows of zeros with a single
/// one. Throws kShape for other shapes, kInvalidData naming the sample for values that are neither.
ArrayLabels labels_of(const NpyArray& array);

/// Labels of two parts as classes. A class is what the training part has: ascending numbers, names
/// in the order of their bytes, or `given` names in their order, which number the labels from 0.
struct ArrayClasses {
  std::vector<std::string> names;
  std::vector<std::int64_t> train, test;  ///< class of each sample; -1: of no class
  std::vector<std::string> remarks;       ///< numbers that do not occur, for instance
  std::vector<std::string> faults;        ///< classes and samples that are left out
};

/// Throws kInvalidData where there are fewer than two classes, labels beyond the given names, or
/// nearly as many different labels as samples.
ArrayClasses classes_of(const ArrayLabels& train, const ArrayLabels& test,
                        const std::vector<std::string>& given);

}  // namespace nasmyth
