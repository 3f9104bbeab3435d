#include "nasmyth/graph/parameter_store.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <unordered_map>

#include "nasmyth/core/error.h"

namespace nasmyth {
namespace {

constexpr std::int64_t kAlignment = 16;  // elements

std::int64_t product(std::span<const std::int64_t> shape) {
  std::int64_t n = 1;
  for (std::int64_t d : shape) n *= d;
  return n;
}

std::vector<std::int64_t> greatest(const ParameterSpec& spec) {
  std::vector<std::int64_t> shape;
  for (const auto& d : spec.shape) shape.push_back(static_cast<std::int64_t>(d.maximum()));
  return shape;
}

std::vector<ParameterSpec> specs_of(const ExpandedGraph& graph, int index,
                                    const OperationSet& operations) {
  const Node& node = graph.graph.node(index);
  const Primitive* primitive = operations.primitive(node.operation);
  if (!primitive)
    throw Error(ErrorKind::kInternal, node.scope, node.operation + " is no primitive");
  return primitive->parameters(node, graph.input_shapes(node),
                               graph.shapes[static_cast<std::size_t>(index)]);
}

std::vector<char> deployed_nodes(const NetworkGraph& graph) {
  std::vector<char> live(static_cast<std::size_t>(graph.size()), 0);
  for (const auto& output : graph.outputs())
    if (!output.training_only) live[static_cast<std::size_t>(output.node)] = 1;
  for (int i = graph.size(); i-- > 0;)
    if (live[static_cast<std::size_t>(i)])
      for (int j : graph.node(i).inputs) live[static_cast<std::size_t>(j)] = 1;
  return live;
}

void merge(StoredParameter& entry, const std::vector<std::int64_t>& shape, bool training_only,
           const Node& node) {
  if (entry.shape.size() != shape.size())
    throw Error(ErrorKind::kShape, node.scope,
                "the shared parameter '" + entry.key + "' has another rank here");
  for (std::size_t i = 0; i < shape.size(); ++i)
    entry.shape[i] = std::max(entry.shape[i], shape[i]);
  entry.training_only = entry.training_only && training_only;
}

struct Fans {
  double in = 1, out = 1;
};

Fans fans(std::span<const std::int64_t> shape) {
  Fans f;
  if (shape.size() < 2)
    return {static_cast<double>(product(shape)), static_cast<double>(product(shape))};
  const double area = static_cast<double>(product(shape.subspan(2)));
  f.in = static_cast<double>(shape[1]) * area;
  // A depthwise convolution feeds each output from one channel.
  f.out = shape.size() == 4 && shape[1] == 1 ? area : static_cast<double>(shape[0]) * area;
  return f;
}

double draw(Initializer initializer, const Fans& f, RandomStream& random) {
  switch (initializer) {
    case Initializer::kZero:
      return 0;
    case Initializer::kOne:
      return 1;
    case Initializer::kHeNormalFanOut:
      return random.normal() * std::sqrt(2 / f.out);
    case Initializer::kHeUniformFanIn: {
      const double bound = 1 / std::sqrt(f.in);
      return random.uniform(-bound, bound);
    }
    case Initializer::kXavierUniform: {
      const double bound = std::sqrt(6 / (f.in + f.out));
      return random.uniform(-bound, bound);
    }
    case Initializer::kNormal002:
      return random.normal() * 0.02;
  }
  return 0;
}

template <class T>
void fill(ParameterStore& store, const RandomStream& random) {
  for (std::size_t i = 0; i < store.entries().size(); ++i) {
    const auto& e = store.entries()[i];
    RandomStream stream = random.fork(e.key);
    const Fans f = fans(e.shape);
    for (T& value : store.entry<T>(static_cast<int>(i)))
      value = static_cast<T>(draw(e.initializer, f, stream));
  }
}

// Copies the part of `from` that an entry of `to_shape` reads, last dimension fastest.
template <class T>
void copy_slice(std::span<const T> from, std::span<const std::int64_t> from_shape, std::span<T> to,
                std::span<const std::int64_t> to_shape, std::span<const SliceKind> slices) {
  const std::size_t rank = to_shape.size();
  std::vector<std::int64_t> begin(rank), x(rank, 0), stride(rank, 1);
  for (std::size_t i = rank; i-- > 1;) stride[i - 1] = stride[i] * from_shape[i];
  for (std::size_t i = 0; i < rank; ++i)
    begin[i] = slices[i] == SliceKind::kCentre ? (from_shape[i] - to_shape[i]) / 2 : 0;
  for (T& value : to) {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < rank; ++i) at += (begin[i] + x[i]) * stride[i];
    value = from[static_cast<std::size_t>(at)];
    for (std::size_t k = rank; k-- > 0;) {
      if (++x[k] < to_shape[k]) break;
      x[k] = 0;
    }
  }
}

}  // namespace

std::size_t element_size(ElementType type) { return type == ElementType::kFloat32 ? 4 : 8; }

void ParameterStore::Free::operator()(std::byte* p) const { std::free(p); }

void ParameterStore::allocate() {
  const std::size_t bytes = std::max<std::size_t>((byte_size() + 63) / 64 * 64, 64);
  auto* p = static_cast<std::byte*>(std::aligned_alloc(64, bytes));
  if (!p) throw std::bad_alloc();
  std::memset(p, 0, bytes);
  data_.reset(p);
}

ParameterStore::ParameterStore(const ExpandedGraph& graph, const OperationSet& operations,
                               ElementType type)
    : type_(type) {
  const auto deployed = deployed_nodes(graph.graph);
  std::unordered_map<std::string, std::size_t> index;
  for (int i = 0; i < graph.graph.size(); ++i)
    for (const auto& spec : specs_of(graph, i, operations)) {
      const Node& node = graph.graph.node(i);
      const bool training_only = !deployed[static_cast<std::size_t>(i)];
      std::string key = node.key(spec.role);
      if (auto [it, fresh] = index.emplace(key, entries_.size()); !fresh) {
        merge(entries_[it->second], greatest(spec), training_only, node);
        continue;
      }
      entries_.push_back({std::move(key), greatest(spec), 0, 0, spec.trainable, spec.decay,
                          spec.initializer, training_only});
    }
  std::stable_partition(entries_.begin(), entries_.end(),
                        [](const StoredParameter& e) { return e.trainable; });
  for (auto& e : entries_) {
    e.size = product(e.shape);
    e.offset = size_;
    size_ += (e.size + kAlignment - 1) / kAlignment * kAlignment;
    if (e.trainable) trainable_size_ = size_;
  }
  allocate();
}

int ParameterStore::find(std::string_view key) const {
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].key == key) return static_cast<int>(i);
  return -1;
}

void ParameterStore::initialize(const RandomStream& random) {
  if (type_ == ElementType::kFloat32)
    fill<float>(*this, random);
  else
    fill<double>(*this, random);
}

ParameterStore ParameterStore::materialise(const ExpandedGraph& closed,
                                           const OperationSet& operations,
                                           std::vector<std::string>* missing) const {
  ParameterStore result(closed, operations, type_);
  std::unordered_map<std::string, int> mine, theirs;
  for (std::size_t i = 0; i < entries_.size(); ++i) mine[entries_[i].key] = static_cast<int>(i);
  for (std::size_t i = 0; i < result.entries_.size(); ++i)
    theirs[result.entries_[i].key] = static_cast<int>(i);
  std::vector<char> done(result.entries_.size(), 0);
  for (int n = 0; n < closed.graph.size(); ++n)
    for (const auto& spec : specs_of(closed, n, operations)) {
      const std::string key = closed.graph.node(n).key(spec.role);
      const int to = theirs.at(key);
      if (done[static_cast<std::size_t>(to)]++) continue;
      const auto it = mine.find(key);
      if (it == mine.end()) {
        if (missing) missing->push_back(key);
        continue;
      }
      const auto& from_shape = entries_[static_cast<std::size_t>(it->second)].shape;
      const auto& to_shape = result.entries_[static_cast<std::size_t>(to)].shape;
      bool fits = from_shape.size() == to_shape.size();
      for (std::size_t i = 0; fits && i < to_shape.size(); ++i) fits = to_shape[i] <= from_shape[i];
      if (!fits)
        throw Error(ErrorKind::kShape, key, "the stored parameter is smaller than the network's");
      if (type_ == ElementType::kFloat32)
        copy_slice<float>(entry<float>(it->second), from_shape, result.entry<float>(to), to_shape,
                          spec.slices);
      else
        copy_slice<double>(entry<double>(it->second), from_shape, result.entry<double>(to),
                           to_shape, spec.slices);
    }
  return result;
}

void ParameterStore::assign(const ParameterStore& other) {
  bool same = type_ == other.type_ && entries_.size() == other.entries_.size();
  for (std::size_t i = 0; i < std::min(entries_.size(), other.entries_.size()); ++i)
    if (entries_[i].key != other.entries_[i].key || entries_[i].shape != other.entries_[i].shape)
      throw Error(ErrorKind::kShape, entries_[i].key,
                  "the stores differ; the other has '" + other.entries_[i].key + "' here");
  for (std::size_t i = 0; same && i < entries_.size(); ++i)
    same = entries_[i].offset == other.entries_[i].offset;
  if (!same || size_ != other.size_)
    throw Error(ErrorKind::kShape, "parameters", "the stores differ in type, length or order");
  std::memcpy(data_.get(), other.data_.get(), byte_size());
}

}  // namespace nasmyth
