// The byte form of ParameterStore: magic, version, type, entries, values, checksum.
#include <cstring>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/graph/parameter_store.h"

namespace nasmyth {
namespace {

constexpr char kMagic[8] = {'N', 'A', 'S', 'M', 'P', 'A', 'R', '1'};
constexpr std::int64_t kGreatestSize = std::int64_t{1} << 36;

class Writer {
 public:
  void number(std::int64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), 8); }
  void text(std::string_view text) {
    number(static_cast<std::int64_t>(text.size()));
    bytes_ += text;
  }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  Reader(std::string_view bytes, std::string_view where) : bytes_(bytes), where_(where) {}

  std::string_view take(std::int64_t n) {
    if (n < 0 || static_cast<std::uint64_t>(n) > bytes_.size()) fail("it is truncated");
    const auto part = bytes_.substr(0, static_cast<std::size_t>(n));
    bytes_.remove_prefix(static_cast<std::size_t>(n));
    return part;
  }
  std::int64_t number(std::int64_t least, std::int64_t most) {
    std::int64_t value;
    std::memcpy(&value, take(8).data(), 8);
    if (value < least || value > most) fail("a number in it is out of range");
    return value;
  }
  bool empty() const { return bytes_.empty(); }
  [[noreturn]] void fail(std::string_view what) const {
    throw Error(ErrorKind::kInvalidData, where_, what, "use an undamaged weights file");
  }

 private:
  std::string_view bytes_;
  std::string_view where_;
};

StoredParameter read_entry(Reader& reader) {
  StoredParameter e;
  e.key = reader.take(reader.number(0, 1 << 16));
  const auto rank = reader.number(0, 8);
  e.size = 1;
  for (std::int64_t i = 0; i < rank; ++i) {
    e.shape.push_back(reader.number(1, kGreatestSize));
    if (e.size > kGreatestSize / e.shape.back()) reader.fail("a parameter in it is too large");
    e.size *= e.shape.back();
  }
  e.offset = reader.number(0, kGreatestSize);
  const auto flags = reader.number(0, 7);
  e.trainable = flags & 1;
  e.decay = flags & 2;
  e.training_only = flags & 4;
  e.initializer = static_cast<Initializer>(reader.number(0, 5));
  return e;
}

}  // namespace

std::string ParameterStore::serialize() const {
  Writer w;
  w.bytes().append(kMagic, sizeof kMagic);
  w.number(static_cast<std::int64_t>(type_));
  w.number(size_);
  w.number(trainable_size_);
  w.number(static_cast<std::int64_t>(entries_.size()));
  for (const auto& e : entries_) {
    w.text(e.key);
    w.number(static_cast<std::int64_t>(e.shape.size()));
    for (std::int64_t d : e.shape) w.number(d);
    w.number(e.offset);
    w.number((e.trainable ? 1 : 0) | (e.decay ? 2 : 0) | (e.training_only ? 4 : 0));
    w.number(static_cast<std::int64_t>(e.initializer));
  }
  w.bytes().append(reinterpret_cast<const char*>(data_.get()), byte_size());
  w.number(static_cast<std::int64_t>(hash64(w.bytes()) >> 1));
  return std::move(w.bytes());
}

ParameterStore ParameterStore::deserialize(std::string_view bytes, std::string_view where) {
  Reader all(bytes, where);
  if (bytes.size() < sizeof kMagic + 8 || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
    all.fail("it is no weights file of this program, or of another version");
  const auto body = bytes.substr(0, bytes.size() - 8);
  std::int64_t checksum;
  std::memcpy(&checksum, bytes.data() + body.size(), 8);
  if (checksum != static_cast<std::int64_t>(hash64(body) >> 1)) all.fail("its checksum is wrong");
  Reader r(body.substr(sizeof kMagic), where);
  ParameterStore store;
  store.type_ = static_cast<ElementType>(r.number(0, 1));
  store.size_ = r.number(0, kGreatestSize);
  store.trainable_size_ = r.number(0, store.size_);
  const auto count = r.number(0, 10'000'000);
  for (std::int64_t i = 0; i < count; ++i) {
    store.entries_.push_back(read_entry(r));
    const auto& e = store.entries_.back();
    if (e.offset + e.size > store.size_) r.fail("a parameter in it lies outside of its values");
  }
  const auto values = r.take(static_cast<std::int64_t>(store.byte_size()));
  if (!r.empty()) r.fail("bytes follow its end");
  store.allocate();
  std::memcpy(store.data_.get(), values.data(), values.size());
  return store;
}

}  // namespace nasmyth
