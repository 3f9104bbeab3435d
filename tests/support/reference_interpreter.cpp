#include "tests/support/reference_interpreter.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

namespace nasmyth::test {
namespace {

using Shape = std::vector<std::int64_t>;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::int64_t product(const Shape& shape, std::size_t from = 0) {
  std::int64_t n = 1;
  for (std::size_t i = from; i < shape.size(); ++i) n *= shape[i];
  return n;
}

// One node with what it reads.
struct Call {
  const Node& node;
  std::vector<const Values*> inputs;
  std::map<std::string, Values> parameters;

  const Values& x() const { return *inputs[0]; }
  std::int64_t size(int dimension) const { return x().shape[static_cast<std::size_t>(dimension)]; }
  std::int64_t integer(const std::string& name, std::int64_t fallback) const {
    return static_cast<std::int64_t>(node.constant(name, static_cast<double>(fallback)));
  }
  std::int64_t integer(const std::string& name, const char* suffix, std::int64_t fallback) const {
    return integer(name + suffix, integer(name, fallback));
  }
  // Of channel c; `fallback` without such a parameter.
  double parameter(const char* role, std::int64_t c, double fallback) const {
    const auto it = parameters.find(role);
    return it == parameters.end() ? fallback : it->second.data[at(c)];
  }
};

Values pointwise(const Call& call, const std::function<double(double)>& f) {
  Values y = call.x();
  for (double& v : y.data) v = f(v);
  return y;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double h_sigmoid(double x) { return std::clamp(x + 3, 0.0, 6.0) / 6; }

// The element at [n, c, h, w].
double pixel(const Values& x, std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  return x.data[at(((n * x.shape[1] + c) * x.shape[2] + h) * x.shape[3] + w)];
}

// Fills an image by f(n, c, h, w).
Values image(
    Shape shape,
    const std::function<double(std::int64_t, std::int64_t, std::int64_t, std::int64_t)>& f) {
  Values y = Values::of(std::move(shape));
  std::size_t i = 0;
  for (std::int64_t n = 0; n < y.shape[0]; ++n)
    for (std::int64_t c = 0; c < y.shape[1]; ++c)
      for (std::int64_t h = 0; h < y.shape[2]; ++h)
        for (std::int64_t w = 0; w < y.shape[3]; ++w) y.data[i++] = f(n, c, h, w);
  return y;
}

Values conv2d(const Call& call) {
  const Values& weight = call.parameters.at("weight");
  const std::int64_t out = weight.shape[0], in = weight.shape[1];
  const std::int64_t kh = weight.shape[2], kw = weight.shape[3];
  const std::int64_t d = call.integer("dilation", 1);
  const std::int64_t sh = call.integer("stride", "_height", 1);
  const std::int64_t sw = call.integer("stride", "_width", 1);
  const std::int64_t ph = call.integer("padding", "_height", d * (kh - 1) / 2);
  const std::int64_t pw = call.integer("padding", "_width", d * (kw - 1) / 2);
  const std::int64_t height = (call.size(2) + 2 * ph - d * (kh - 1) - 1) / sh + 1;
  const std::int64_t width = (call.size(3) + 2 * pw - d * (kw - 1) - 1) / sw + 1;
  const std::int64_t outputs_of_group = out / (call.size(1) / in);
  return image({call.size(0), out, height, width}, [&](auto n, auto c, auto h, auto w) {
    double sum = call.parameter("bias", c, 0);
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t y = 0; y < kh; ++y)
        for (std::int64_t x = 0; x < kw; ++x) {
          const std::int64_t from_h = h * sh + y * d - ph, from_w = w * sw + x * d - pw;
          if (from_h < 0 || from_h >= call.size(2) || from_w < 0 || from_w >= call.size(3))
            continue;
          sum += pixel(weight, c, i, y, x) *
                 pixel(call.x(), n, c / outputs_of_group * in + i, from_h, from_w);
        }
    return sum;
  });
}

Values linear(const Call& call) {
  const Values& weight = call.parameters.at("weight");
  const std::int64_t out = weight.shape[0], in = weight.shape[1];
  Values y = Values::of({call.size(0), out});
  for (std::int64_t n = 0; n < call.size(0); ++n)
    for (std::int64_t o = 0; o < out; ++o) {
      double sum = call.parameter("bias", o, 0);
      for (std::int64_t i = 0; i < in; ++i)
        sum += weight.data[at(o * in + i)] * call.x().data[at(n * in + i)];
      y.data[at(n * out + o)] = sum;
    }
  return y;
}

Values batch_norm(const Call& call) {
  Values y = call.x();
  const double epsilon = call.node.constant("epsilon", 1e-5);
  const std::int64_t positions = product(y.shape, 2);
  for (std::size_t i = 0; i < y.data.size(); ++i) {
    const std::int64_t c = static_cast<std::int64_t>(i) / positions % y.shape[1];
    const double deviation = std::sqrt(call.parameter("running_variance", c, 1) + epsilon);
    y.data[i] = (y.data[i] - call.parameter("running_mean", c, 0)) / deviation *
                    call.parameter("weight", c, 1) +
                call.parameter("bias", c, 0);
  }
  return y;
}

// Applies `finish(sum, greatest, count)` to each window's elements inside of the image.
Values pool(const Call& call, const std::function<double(double, double, int)>& finish) {
  const auto axis = [&](const char* name, const char* which, std::int64_t fallback) {
    return call.integer(name, which, fallback);
  };
  const std::int64_t kh = axis("kernel", "_height", 3), kw = axis("kernel", "_width", 3);
  const std::int64_t sh = axis("stride", "_height", 1), sw = axis("stride", "_width", 1);
  const std::int64_t ph = axis("padding", "_height", (kh - 1) / 2);
  const std::int64_t pw = axis("padding", "_width", (kw - 1) / 2);
  const std::int64_t height = (call.size(2) + 2 * ph - kh) / sh + 1;
  const std::int64_t width = (call.size(3) + 2 * pw - kw) / sw + 1;
  return image({call.size(0), call.size(1), height, width}, [&](auto n, auto c, auto h, auto w) {
    double sum = 0, greatest = -std::numeric_limits<double>::infinity();
    int count = 0;
    for (std::int64_t y = std::max<std::int64_t>(h * sh - ph, 0);
         y < std::min(h * sh - ph + kh, call.size(2)); ++y)
      for (std::int64_t x = std::max<std::int64_t>(w * sw - pw, 0);
           x < std::min(w * sw - pw + kw, call.size(3)); ++x) {
        const double v = pixel(call.x(), n, c, y, x);
        sum += v, greatest = std::max(greatest, v), ++count;
      }
    return finish(sum, greatest, count);
  });
}

Values max_pool(const Call& call) {
  return pool(call, [](double, double greatest, int) { return greatest; });
}

Values avg_pool(const Call& call) {
  return pool(call, [](double sum, double, int count) { return sum / count; });
}

Values global_pool(const Call& call) {
  Values y = Values::of({call.size(0), call.size(1)});
  const std::int64_t positions = call.size(2) * call.size(3);
  for (std::size_t i = 0; i < call.x().data.size(); ++i)
    y.data[i / at(positions)] += call.x().data[i] / static_cast<double>(positions);
  return y;
}

Values zero(const Call& call) {
  const std::int64_t s = call.integer("stride", 1);
  Shape shape = call.x().shape;
  for (std::size_t d = 2; d < shape.size(); ++d) shape[d] = (shape[d] + s - 1) / s;
  return Values::of(std::move(shape));
}

Values sum(const Call& call) {
  Values y = call.x();
  for (std::size_t k = 1; k < call.inputs.size(); ++k)
    for (std::size_t i = 0; i < y.data.size(); ++i) y.data[i] += call.inputs[k]->data[i];
  return y;
}

Values multiply(const Call& call) {
  Values y = call.x();
  const Values& factor = *call.inputs[1];
  // An image and a vector: one factor for each sample and channel.
  const std::size_t repeat = y.data.size() / factor.data.size();
  for (std::size_t i = 0; i < y.data.size(); ++i) y.data[i] *= factor.data[i / repeat];
  return y;
}

Values concat(const Call& call) {
  Shape shape = call.x().shape;
  for (std::size_t k = 1; k < call.inputs.size(); ++k) shape[1] += call.inputs[k]->shape[1];
  Values y = Values::of(shape);
  y.data.clear();
  for (std::int64_t n = 0; n < shape[0]; ++n)
    for (const Values* input : call.inputs) {
      const std::int64_t size = product(input->shape, 1);
      y.data.insert(y.data.end(), input->data.begin() + n * size,
                    input->data.begin() + (n + 1) * size);
    }
  return y;
}

Values slice(const Call& call) {
  const std::int64_t begin = call.integer("begin", 0), channels = call.integer("channels", 1);
  const std::int64_t positions = product(call.x().shape, 2);
  Shape shape = call.x().shape;
  shape[1] = channels;
  Values y = Values::of(shape);
  for (std::int64_t n = 0; n < shape[0]; ++n)
    std::copy_n(call.x().data.begin() + (n * call.size(1) + begin) * positions,
                channels * positions, y.data.begin() + n * channels * positions);
  return y;
}

Values shift(const Call& call) {
  const std::int64_t rows = call.integer("rows", 1);
  return image(
      {call.size(0), call.size(1), call.size(2) - rows, call.size(3) - 1},
      [&](auto n, auto c, auto h, auto w) { return pixel(call.x(), n, c, h + rows, w + 1); });
}

// Channel g * (C / groups) + i goes to i * groups + g.
Values shuffle(const Call& call) {
  const std::int64_t groups = call.integer("groups", 1), rest = call.size(1) / groups;
  return image(call.x().shape, [&](auto n, auto c, auto h, auto w) {
    return pixel(call.x(), n, c % groups * rest + c / groups, h, w);
  });
}

Values attention(const Call& call) {
  const Values &q = *call.inputs[0], &k = *call.inputs[1], &v = *call.inputs[2];
  const std::int64_t heads = call.integer("heads", 1), channels = q.shape[1] / heads;
  const std::int64_t positions = q.shape[2] * q.shape[3];
  Values y = Values::of(q.shape);
  std::vector<double> weights(at(positions));
  for (std::int64_t head = 0; head < q.shape[0] * heads; ++head) {
    const auto element = [&](std::int64_t c, std::int64_t p) {
      return at((head * channels + c) * positions + p);
    };
    for (std::int64_t from = 0; from < positions; ++from) {
      double greatest = -std::numeric_limits<double>::infinity(), total = 0;
      for (std::int64_t to = 0; to < positions; ++to) {
        double score = 0;
        for (std::int64_t c = 0; c < channels; ++c)
          score += q.data[element(c, from)] * k.data[element(c, to)];
        weights[at(to)] = score / std::sqrt(static_cast<double>(channels));
        greatest = std::max(greatest, weights[at(to)]);
      }
      for (double& w : weights) total += w = std::exp(w - greatest);
      for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t to = 0; to < positions; ++to)
          y.data[element(c, from)] += weights[at(to)] / total * v.data[element(c, to)];
    }
  }
  return y;
}

Values same(const Call& call) { return call.x(); }

using Run = std::function<Values(const Call&)>;

Run map_of(double (*f)(double)) {
  return [f](const Call& call) { return pointwise(call, f); };
}

const std::map<std::string, Run>& table() {
  static const std::map<std::string, Run> kTable{
      {"conv2d", conv2d},
      {"linear", linear},
      {"batch_norm", batch_norm},
      {"relu", map_of([](double x) { return std::max(x, 0.0); })},
      {"h_swish", map_of([](double x) { return x * h_sigmoid(x); })},
      {"swish", map_of([](double x) { return x * sigmoid(x); })},
      {"gelu", map_of([](double x) { return x / 2 * std::erfc(-x / std::sqrt(2.0)); })},
      {"sigmoid", map_of(sigmoid)},
      {"h_sigmoid", map_of(h_sigmoid)},
      {"tanh", map_of([](double x) { return std::tanh(x); })},
      {"softplus",
       map_of([](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); })},
      {"max_pool", max_pool},
      {"avg_pool", avg_pool},
      {"global_pool", global_pool},
      {"identity", same},
      {"mask", same},
      {"drop_path", same},
      {"dropout", same},
      {"zero", zero},
      {"gaussian_noise", zero},
      {"sum", sum},
      {"multiply", multiply},
      {"concat", concat},
      {"slice", slice},
      {"shift", shift},
      {"shuffle", shuffle},
      {"attention", attention},
  };
  return kTable;
}

double stored(const ParameterStore& store, int entry, std::int64_t i) {
  return store.type() == ElementType::kFloat32 ? store.entry<float>(entry)[at(i)]
                                               : store.entry<double>(entry)[at(i)];
}

// The part of a stored parameter that a node reads.
Values read_parameter(const ParameterStore& store, const std::string& key,
                      const ParameterSpec& spec) {
  const int entry = store.find(key);
  if (entry < 0) throw std::runtime_error("no parameter '" + key + "'");
  const Shape& from = store.entries()[static_cast<std::size_t>(entry)].shape;
  Shape shape;
  for (const auto& d : spec.shape) shape.push_back(static_cast<std::int64_t>(d.constant()));
  Values values = Values::of(shape);
  for (std::int64_t i = 0; i < product(shape); ++i) {
    std::int64_t rest = i, offset = 0;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      const std::int64_t below = product(shape, d + 1);
      const std::int64_t begin =
          spec.slices[d] == SliceKind::kCentre ? (from[d] - shape[d]) / 2 : 0;
      offset = offset * from[d] + begin + rest / below;
      rest %= below;
    }
    values.data[at(i)] = stored(store, entry, offset);
  }
  return values;
}

std::map<std::string, Values> read_parameters(const ParameterStore& store,
                                              const OperationSet& operations,
                                              const ExpandedGraph& expanded, int i) {
  const Node& node = expanded.graph.node(i);
  std::vector<TensorShape> inputs;
  for (int input : node.inputs) inputs.push_back(expanded.shapes[static_cast<std::size_t>(input)]);
  const Primitive* primitive = operations.primitive(node.operation);
  std::map<std::string, Values> parameters;
  for (const auto& spec :
       primitive->parameters(node, inputs, expanded.shapes[static_cast<std::size_t>(i)]))
    parameters[spec.role] = read_parameter(store, node.key(spec.role), spec);
  return parameters;
}

void check_shape(const Node& node, const Values& values, const TensorShape& shape) {
  Shape expected{values.shape[0]};
  for (std::int64_t d : shape.greatest()) expected.push_back(d);
  if (values.shape != expected ||
      static_cast<std::int64_t>(values.data.size()) != product(expected))
    throw std::runtime_error(node.scope + ": the result is not of shape " + to_string(shape));
}

}  // namespace

Values Values::of(std::vector<std::int64_t> shape) {
  Values values{std::move(shape), {}};
  values.data.resize(at(product(values.shape)));
  return values;
}

double Values::scale() const {
  double greatest = 0;
  for (double v : data) greatest = std::max(greatest, std::abs(v));
  return greatest;
}

std::map<std::string, Values> interpret(const NetworkGraph& closed,
                                        const ParameterStore& parameters,
                                        const OperationSet& operations,
                                        const std::map<std::string, Values>& inputs) {
  const ExpandedGraph expanded = expand(closed, operations);
  std::vector<Values> values(static_cast<std::size_t>(expanded.graph.size()));
  for (int i = 0; i < expanded.graph.size(); ++i) {
    const Node& node = expanded.graph.node(i);
    Values& result = values[static_cast<std::size_t>(i)];
    if (node.operation == "input") {
      result = inputs.at(node.scope);
    } else {
      const auto run = table().find(node.operation);
      if (run == table().end())
        throw std::runtime_error(node.scope + ": '" + node.operation + "' is not interpreted");
      Call call{node, {}, read_parameters(parameters, operations, expanded, i)};
      for (int input : node.inputs) call.inputs.push_back(&values[static_cast<std::size_t>(input)]);
      result = run->second(call);
    }
    check_shape(node, result, expanded.shapes[static_cast<std::size_t>(i)]);
  }
  std::map<std::string, Values> outputs;
  for (const auto& output : expanded.graph.outputs())
    outputs[output.name] = values[static_cast<std::size_t>(output.node)];
  return outputs;
}

std::vector<std::string> interpreted_primitives() {
  std::vector<std::string> names;
  for (const auto& [name, run] : table()) names.push_back(name);
  return names;
}

namespace {

template <class T>
void perturb(ParameterStore& store, const RandomStream& random) {
  for (std::size_t i = 0; i < store.entries().size(); ++i) {
    const auto& entry = store.entries()[i];
    RandomStream stream = random.fork(entry.key);
    for (T& value : store.entry<T>(static_cast<int>(i))) {
      if (entry.initializer == Initializer::kOne)
        value = static_cast<T>(std::exp(stream.uniform(-0.7, 0.7)));
      else if (entry.initializer == Initializer::kZero)
        value = static_cast<T>(stream.normal() * 0.2);
    }
  }
}

}  // namespace

ParameterStore random_parameters(const NetworkGraph& graph, const OperationSet& operations,
                                 const RandomStream& random, ElementType type) {
  ParameterStore store(expand(graph, operations), operations, type);
  store.initialize(random.fork("weights"));
  if (type == ElementType::kFloat32)
    perturb<float>(store, random.fork("statistics"));
  else
    perturb<double>(store, random.fork("statistics"));
  return store;
}

Values random_values(std::vector<std::int64_t> shape, double low, double high,
                     RandomStream random) {
  Values values = Values::of(std::move(shape));
  for (double& v : values.data) v = random.uniform(low, high);
  return values;
}

double relative_difference(const Values& found, const Values& expected) {
  if (found.data.size() != expected.data.size()) return kInfinity;
  double greatest = 0;
  for (std::size_t i = 0; i < found.data.size(); ++i) {
    const double difference = std::abs(found.data[i] - expected.data[i]);
    if (!std::isfinite(difference)) return kInfinity;
    greatest = std::max(greatest, difference);
  }
  return greatest == 0 ? 0 : greatest / expected.scale();
}

double relative_difference(const std::vector<float>& found, const Values& expected) {
  return relative_difference(std::vector<double>(found.begin(), found.end()), expected);
}

double relative_difference(const std::vector<double>& found, const Values& expected) {
  return relative_difference(Values{{static_cast<std::int64_t>(found.size())}, found}, expected);
}

}  // namespace nasmyth::test
