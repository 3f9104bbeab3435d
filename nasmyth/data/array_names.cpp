#include "nasmyth/data/array_names.h"

#include <algorithm>
#include <array>

#include "nasmyth/core/error.h"
#include "nasmyth/core/text.h"
#include "nasmyth/data/input_file.h"
#include "nasmyth/data/npz.h"

namespace nasmyth {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNaming = "name the arrays x and y, or x_train, y_train, x_test and y_test";

enum class Part { kAll, kTrain, kTest, kValidation };
enum class Content { kSamples, kLabels };

template <class T>
using Words = std::initializer_list<std::pair<std::string_view, T>>;

template <class T>
std::optional<T> meaning(std::string_view word, Words<T> words) {
  for (const auto& [known, value] : words)
    if (word == known) return value;
  return std::nullopt;
}

std::optional<Part> part_of(std::string_view word) {
  return meaning<Part>(word, {{"train", Part::kTrain},
                              {"training", Part::kTrain},
                              {"test", Part::kTest},
                              {"testing", Part::kTest},
                              {"val", Part::kValidation},
                              {"valid", Part::kValidation},
                              {"validation", Part::kValidation}});
}

std::optional<Content> content_of(std::string_view word) {
  return meaning<Content>(word, {{"x", Content::kSamples},
                                 {"data", Content::kSamples},
                                 {"samples", Content::kSamples},
                                 {"images", Content::kSamples},
                                 {"image", Content::kSamples},
                                 {"signals", Content::kSamples},
                                 {"signal", Content::kSamples},
                                 {"features", Content::kSamples},
                                 {"inputs", Content::kSamples},
                                 {"arr_0", Content::kSamples},
                                 {"y", Content::kLabels},
                                 {"labels", Content::kLabels},
                                 {"label", Content::kLabels},
                                 {"targets", Content::kLabels},
                                 {"target", Content::kLabels},
                                 {"arr_1", Content::kLabels}});
}

ArrayRole role_of(Part part, Content content) {
  constexpr std::array<std::array<ArrayRole, 2>, 4> kRoles{
      {{ArrayRole::kSamples, ArrayRole::kLabels},
       {ArrayRole::kTrainSamples, ArrayRole::kTrainLabels},
       {ArrayRole::kTestSamples, ArrayRole::kTestLabels},
       {ArrayRole::kValidationSamples, ArrayRole::kValidationLabels}}};
  return kRoles[static_cast<std::size_t>(part)][static_cast<std::size_t>(content)];
}

}  // namespace

std::optional<ArrayRole> array_role(std::string_view name) {
  std::string lower = to_lower(name);
  std::replace(lower.begin(), lower.end(), '-', '_');
  if (lower == "classes" || lower == "class_names" || lower == "label_names")
    return ArrayRole::kClasses;
  if (const auto content = content_of(lower)) return role_of(Part::kAll, *content);
  const std::size_t bar = lower.find('_');
  if (bar == std::string::npos) return std::nullopt;
  const std::string_view first = std::string_view(lower).substr(0, bar);
  const std::string_view second = std::string_view(lower).substr(bar + 1);
  for (const auto& [content_word, part_word] : {std::pair{first, second}, std::pair{second, first}})
    if (const auto content = content_of(content_word))
      if (const auto part = part_of(part_word)) return role_of(*part, *content);
  return std::nullopt;
}

ArrayCollection::ArrayCollection(const fs::path& path) : path_(path), where_(path.string()) {
  std::error_code code;
  folder_ = fs::is_directory(path, code);
  std::vector<std::string> names;
  if (folder_) {
    try {
      for (const auto& entry : fs::directory_iterator(path))
        if (entry.is_regular_file() && entry.path().extension() == ".npy")
          names.push_back(entry.path().stem().string());
    } catch (const fs::filesystem_error& e) {
      throw Error(ErrorKind::kIo, where_, "it cannot be read: " + e.code().message(),
                  "check the permissions");
    }
    std::sort(names.begin(), names.end());
  } else {
    names = NpzFile(path).names();
  }
  assign(names);
}

void ArrayCollection::assign(const std::vector<std::string>& names) {
  if (names.empty())
    throw Error(ErrorKind::kInvalidData, where_,
                folder_ ? "the folder has no .npy files" : "the archive has no arrays", kNaming);
  for (const auto& name : names) {
    const auto role = array_role(name);
    if (!role) {
      others_.push_back(name);
      continue;
    }
    const auto [before, added] = names_.emplace(*role, name);
    if (!added)
      throw Error(ErrorKind::kInvalidData, where_,
                  "the arrays '" + before->second + "' and '" + name + "' are for the same",
                  std::string("remove one of them, or ") + kNaming);
  }
  const bool train = has(ArrayRole::kTrainSamples), all = has(ArrayRole::kSamples);
  if (train && all)
    throw Error(ErrorKind::kInvalidData, where_,
                "the arrays '" + name(ArrayRole::kTrainSamples) + "' and '" +
                    name(ArrayRole::kSamples) + "' could both be the training samples",
                std::string("remove one of them, or ") + kNaming);
  if (!train && !all)
    throw Error(ErrorKind::kInvalidData, where_,
                "no array has the name of samples; got " + join(names, ", ").substr(0, 200),
                kNaming);
}

NpyArray ArrayCollection::read(ArrayRole role) const {
  if (folder_) return read_npy_file(path_ / (name(role) + ".npy"));
  return NpzFile(path_).read(name(role));
}

NpyArray read_npy_file(const fs::path& path) {
  InputFile file(path);
  return read_npy(file);
}

}  // namespace nasmyth
