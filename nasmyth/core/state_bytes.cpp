#include "nasmyth/core/state_bytes.h"

#include <cstring>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"

namespace nasmyth {

StateWriter::StateWriter(std::string_view kind) { text(kind); }

void StateWriter::number(std::int64_t value) {
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void StateWriter::real(double value) {
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void StateWriter::text(std::string_view bytes) {
  number(static_cast<std::int64_t>(bytes.size()));
  bytes_ += bytes;
}

std::string StateWriter::finish() {
  const std::uint64_t sum = hash64(bytes_);
  bytes_.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  return std::move(bytes_);
}

StateReader::StateReader(std::string_view bytes, std::string_view kind, std::string_view where)
    : where_(where) {
  std::uint64_t sum = 0;
  bool good = bytes.size() >= sizeof sum;
  if (good) {
    rest_ = bytes.substr(0, bytes.size() - sizeof sum);
    std::memcpy(&sum, bytes.data() + rest_.size(), sizeof sum);
    good = sum == hash64(rest_);
  }
  if (!good)
    throw Error(ErrorKind::kInvalidData, where_, "the checkpoint is damaged or truncated",
                "use the one before it");
  if (const auto found = text(); found != kind)
    throw Error(
        ErrorKind::kInvalidData, where_,
        "it holds '" + std::string(found.substr(0, 60)) + "'; expected '" + std::string(kind) + "'",
        "go on with the version that wrote it");
}

std::string_view StateReader::take(std::size_t n) {
  if (n > rest_.size())
    throw Error(ErrorKind::kInvalidData, where_, "the checkpoint ends too early",
                "use the one before it");
  const auto part = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return part;
}

std::int64_t StateReader::number() {
  std::int64_t value;
  std::memcpy(&value, take(sizeof value).data(), sizeof value);
  return value;
}

double StateReader::real() {
  double value;
  std::memcpy(&value, take(sizeof value).data(), sizeof value);
  return value;
}

std::string_view StateReader::text() {
  const std::int64_t n = number();
  if (n < 0)
    throw Error(ErrorKind::kInvalidData, where_, "the checkpoint has a negative length",
                "use the one before it");
  return take(static_cast<std::size_t>(n));
}

}  // namespace nasmyth
