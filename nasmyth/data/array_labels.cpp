#include "nasmyth/data/array_labels.h"

#include <algorithm>
#include <map>
#include <type_traits>
#include <utility>

#include "nasmyth/core/error.h"
#include "nasmyth/core/text.h"

namespace nasmyth {
namespace {

constexpr std::size_t kMostClasses = 10000;
constexpr std::size_t kFewClasses = 20;  // where a label for each sample may be meant

// Column of the single one in each row.
std::vector<std::int64_t> one_hot_labels(const NpyArray& array) {
  const auto rows = static_cast<std::size_t>(array.header.shape[0]);
  const auto columns = static_cast<std::size_t>(array.header.shape[1]);
  const std::vector<float> values = npy_floats(array);
  std::vector<std::int64_t> labels;
  for (std::size_t i = 0; i < rows; ++i) {
    std::int64_t label = -1;
    for (std::size_t c = 0; c < columns; ++c) {
      const float v = values[i * columns + c];
      if (v == 0) continue;
      if (v != 1 || label >= 0)
        throw Error(ErrorKind::kInvalidData, array.name,
                    "labels " + shape_text(array.header.shape) +
                        " are read as one column a class, but row " + std::to_string(i) +
                        " is not zeros and a single one",
                    "give one label a sample: [n]");
      label = static_cast<std::int64_t>(c);
    }
    if (label < 0)
      throw Error(ErrorKind::kInvalidData, array.name,
                  "row " + std::to_string(i) + " of the labels has no one among its zeros",
                  "give one label a sample: [n]");
    labels.push_back(label);
  }
  return labels;
}

// Different labels in their order, as numbers or names.
template <class T>
std::vector<T> distinct(std::vector<T> labels) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

std::string text_of(const std::string& name) { return name.empty() ? "(empty)" : name; }
std::string text_of(std::int64_t number) { return std::to_string(number); }

void check_number_of_classes(const ArrayLabels& train, std::size_t classes) {
  if (classes < 2)
    throw Error(ErrorKind::kInvalidData, train.where,
                "all samples have the same label; two classes are needed",
                "give labels of the classes to tell apart");
  if (classes > kMostClasses || (classes > kFewClasses && 2 * classes > train.size()))
    throw Error(ErrorKind::kInvalidData, train.where,
                std::to_string(classes) + " different labels for " + std::to_string(train.size()) +
                    " samples",
                "give the number of a class for each sample; targets that are quantities cannot "
                "be learned");
}

// Numbers between the least and the greatest label that no sample has.
void remark_gaps(const std::vector<std::int64_t>& labels, std::vector<std::string>& remarks) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> missing;
  std::uint64_t count = 0;
  for (std::size_t i = 1; i < labels.size(); ++i) {
    // As unsigned numbers the difference cannot overflow.
    const std::uint64_t between =
        static_cast<std::uint64_t>(labels[i]) - static_cast<std::uint64_t>(labels[i - 1]) - 1;
    for (std::uint64_t k = 1; k <= between && missing.size() < kShown; ++k)
      missing.push_back(std::to_string(labels[i - 1] + static_cast<std::int64_t>(k)));
    count += between;
  }
  if (count == 0) return;
  remarks.push_back("no sample has the label" + std::string(count > 1 ? "s " : " ") +
                    join(missing, ", ") + (count > missing.size() ? ", ..." : "") + ": the " +
                    std::to_string(labels.size()) +
                    " classes are named after the labels that occur");
}

// Class of each label; -1 and a count for labels of no class.
template <class T>
std::vector<std::int64_t> number_labels(const std::vector<T>& labels, const std::vector<T>& classes,
                                        std::map<T, std::int64_t>& unknown) {
  std::vector<std::int64_t> numbers;
  numbers.reserve(labels.size());
  for (const T& label : labels) {
    const auto found = std::lower_bound(classes.begin(), classes.end(), label);
    const bool known = found != classes.end() && *found == label;
    if (!known) ++unknown[label];
    numbers.push_back(known ? found - classes.begin() : -1);
  }
  return numbers;
}

template <class T>
ArrayClasses classes_by_value(const ArrayLabels& where, const std::vector<T>& train,
                              const std::vector<T>& test) {
  const std::vector<T> kept = distinct(train);
  check_number_of_classes(where, kept.size());
  ArrayClasses result;
  for (const T& label : kept) result.names.push_back(text_of(label));
  std::map<T, std::int64_t> unknown;
  result.train = number_labels(train, kept, unknown);
  result.test = number_labels(test, kept, unknown);
  for (const auto& [label, count] : unknown)
    result.faults.push_back(std::to_string(count) + " test sample(s) with the label " +
                            text_of(label) + ", which no training sample has");
  if constexpr (std::is_same_v<T, std::int64_t>) remark_gaps(kept, result.remarks);
  return result;
}

void check_given(const ArrayLabels& labels, const std::vector<std::string>& given) {
  if (labels.named())
    throw Error(ErrorKind::kInvalidData, labels.where,
                "the labels are names, and there are names of classes beside them",
                "give the one or the other");
  for (std::size_t i = 0; i < labels.numbers.size(); ++i)
    if (labels.numbers[i] < 0 || std::cmp_greater_equal(labels.numbers[i], given.size()))
      throw Error(ErrorKind::kInvalidData, labels.where,
                  "label " + std::to_string(i) + " is " + std::to_string(labels.numbers[i]) +
                      "; there are names of " + std::to_string(given.size()) + " classes",
                  "number the classes from 0, and name each");
}

// Labels count the names; classes without a training sample go.
ArrayClasses classes_by_name(const ArrayLabels& train, const ArrayLabels& test,
                             const std::vector<std::string>& given) {
  check_given(train, given);
  check_given(test, given);
  ArrayClasses result = classes_by_value(train, train.numbers, test.numbers);
  result.remarks.clear();
  const std::vector<std::int64_t> kept = distinct(train.numbers);
  result.names.clear();
  for (const std::int64_t label : kept)
    result.names.push_back(text_of(given[static_cast<std::size_t>(label)]));
  for (std::size_t c = 0; c < given.size(); ++c)
    if (!std::binary_search(kept.begin(), kept.end(), static_cast<std::int64_t>(c)))
      result.faults.push_back("class '" + given[c] + "' has no training sample");
  if (distinct(result.names).size() < result.names.size())
    throw Error(ErrorKind::kInvalidData, train.where, "two classes have the same name",
                "give each class a name of its own");
  return result;
}

}  // namespace

ArrayLabels labels_of(const NpyArray& array) {
  ArrayLabels labels;
  labels.where = array.name;
  const auto& shape = array.header.shape;
  const bool column = shape.size() == 2 && shape[1] == 1;
  if (shape.size() != 1 && shape.size() != 2)
    throw Error(ErrorKind::kShape, array.name,
                "labels have the shape [n], or [n, classes]; got " + shape_text(shape),
                "give one label a sample");
  if (array.header.elements() == 0)
    throw Error(ErrorKind::kShape, array.name, "it is empty: " + shape_text(shape));
  if (shape.size() == 1 || column) {
    if (array.header.type.is_text())
      labels.names = npy_texts(array);
    else
      labels.numbers = npy_integers(array);
  } else {
    labels.numbers = one_hot_labels(array);
    labels.one_hot = true;
  }
  return labels;
}

ArrayClasses classes_of(const ArrayLabels& train, const ArrayLabels& test,
                        const std::vector<std::string>& given) {
  if (test.size() > 0 && train.named() != test.named())
    throw Error(ErrorKind::kInvalidData, test.where,
                "the labels of one part are numbers, those of the other names",
                "give labels of one kind");
  if (!given.empty()) return classes_by_name(train, test, given);
  return train.named() ? classes_by_value(train, train.names, test.names)
                       : classes_by_value(train, train.numbers, test.numbers);
}

}  // namespace nasmyth
