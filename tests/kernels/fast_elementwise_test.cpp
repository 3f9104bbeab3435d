// The fast functions of elements and channels against the plain ones in double, in each instruction
// set that the machine has.
#include "nasmyth/kernels/fast_elementwise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nasmyth/kernels/activation.h"
#include "nasmyth/kernels/normalisation.h"
#include "tests/kernels/images.h"

namespace nasmyth::test {
namespace {

const ImageSize kSizes[] = {{1, 1, 1}, {16, 5, 7}, {40, 13, 11}};
constexpr double kMean = 100;  // far from zero beside the deviation of 1

void expect_close(const double* a, const std::vector<double>& b, double tolerance,
                  const std::string& what) {
  for (std::size_t i = 0; i < b.size(); ++i)
    ASSERT_NEAR(a[i], b[i], tolerance * std::max(1.0, std::abs(b[i]))) << what << " " << i;
}

void expect_close(const Aligned& a, const std::vector<double>& b, const std::string& what) {
  expect_close(in_double(a).data(), b, 1e-6, what);
}

void compare_elements(const ImageSize& size, const std::string& what) {
  RandomStream random(3);
  const Aligned x = random_image(size, random), dy = random_image(size, random);
  const Aligned before = random_image(size, random);
  const std::int64_t n = size.elements();
  Aligned y(n), dx(n), sum(n);
  std::vector<double> expected(static_cast<std::size_t>(n));
  activate<double>(Activation::kRelu, size, in_double(x).data(), expected.data());
  fast_relu(n, x.data(), y.data());
  expect_close(y, expected, what + " relu");
  std::copy_n(before.data(), n, dx.data());
  std::copy_n(before.data(), n, sum.data());
  expected = in_double(before);
  activate_gradient<double>(Activation::kRelu, size, in_double(x).data(), in_double(dy).data(),
                            expected.data());
  fast_relu_gradient(n, x.data(), dy.data(), dx.data());
  expect_close(dx, expected, what + " relu gradient");
  expected = in_double(before);
  double dot = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    expected[static_cast<std::size_t>(i)] += 0.3 * static_cast<double>(x[i]);
    dot += static_cast<double>(x[i]) * static_cast<double>(dy[i]);
  }
  fast_add(n, 0.3f, x.data(), sum.data());
  expect_close(sum, expected, what + " add");
  EXPECT_NEAR(fast_dot(n, x.data(), dy.data()), dot, 1e-6 * static_cast<double>(n)) << what;
}

void compare_channels(const ImageSize& size, const std::string& what) {
  RandomStream random(3);
  const Aligned x = random_image(size, random, kMean), dy = random_image(size, random);
  const std::int64_t lanes = size.blocks() * kLanes, n = size.elements();
  const auto room = static_cast<std::size_t>(lanes);
  std::vector<double> a(room), b(room), a2(room), b2(room);
  const std::vector<double> xd = in_double(x), dyd = in_double(dy);
  channel_moments<double>(size, xd.data(), a2.data(), b2.data());
  fast_channel_moments(size, x.data(), a.data(), b.data());
  expect_close(a.data(), a2, 1e-6, what + " sums");
  expect_close(b.data(), b2, 1e-5, what + " squares");
  channel_sums<double>(size, dyd.data(), xd.data(), a2.data(), b2.data());
  fast_channel_sums(size, dy.data(), x.data(), a.data(), b.data());
  expect_close(a.data(), a2, 1e-5, what + " sums of gradients");
  expect_close(b.data(), b2, 1e-4, what + " products");

  Aligned f(lanes), g(lanes), h(lanes), y(n), dx = random_image(size, random);
  for (std::int64_t c = 0; c < size.channels; ++c)
    for (const Aligned* p : {&f, &g, &h}) (*p)[c] = static_cast<float>(random.normal());
  std::vector<double> expected(static_cast<std::size_t>(n));
  scale_channels<double>(size, xd.data(), in_double(f).data(), in_double(g).data(),
                         expected.data());
  fast_scale_channels(size, x.data(), f.data(), g.data(), y.data());
  expect_close(y, expected, what + " scale");
  expected = in_double(dx);
  normalise_gradient<double>(size, dyd.data(), xd.data(), in_double(f).data(), in_double(g).data(),
                             in_double(h).data(), expected.data());
  fast_normalise_gradient(size, dy.data(), x.data(), f.data(), g.data(), h.data(), dx.data());
  expect_close(in_double(dx).data(), expected, 1e-5, what + " normalise gradient");
}

TEST(FastElementwise, EqualsThePlainOnesInEachInstructionSet) {
  for_each_instruction_set([](const std::string& name) {
    for (const auto& size : kSizes) {
      const std::string what = name + ", " + std::to_string(size.channels) + " channels";
      compare_elements(size, what);
      compare_channels(size, what);
    }
  });
}

}  // namespace
}  // namespace nasmyth::test
