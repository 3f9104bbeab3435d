// The fast convolution against the plain one, in each instruction set that the machine has.
#include "nasmyth/kernels/fast_convolution.h"

#include <cmath>
#include <gtest/gtest.h>

#include "tests/kernels/images.h"

namespace nasmyth::test {
namespace {

ConvolutionSize convolution(int in, int out, int height, int width, int kernel, int stride,
                            int dilation, int groups, int padding = -1) {
  ConvolutionSize s;
  s.input = {in, height, width};
  s.dilation = dilation;
  s.groups = groups;
  const int reach = dilation * (kernel - 1);
  for (int axis = 0; axis < 2; ++axis) {
    s.kernel[axis] = kernel;
    s.stride[axis] = stride;
    s.padding[axis] = padding < 0 ? reach / 2 : padding;
  }
  const auto result = [&](int size) { return (size + 2 * s.padding[0] - reach - 1) / stride + 1; };
  s.output = {out, result(height), result(width)};
  return s;
}

std::vector<ConvolutionSize> sizes() {
  std::vector<ConvolutionSize> all;
  for (int channels : {1, 16, 20, 33})
    for (int side : {5, 8})
      for (int kernel : {1, 3, 5}) {
        for (int stride : {1, 2}) {
          all.push_back(convolution(channels, 70 - channels, side, side + 3, kernel, stride, 1, 1));
          if (channels > 1)
            all.push_back(convolution(channels, channels, side, side + 3, kernel, stride,
                                      kernel == 1 ? 1 : stride, channels));
        }
        all.push_back(convolution(channels, 7, 12, 9, kernel, 1, 2, 1));
      }
  all.push_back(convolution(3, 40, 9, 9, 3, 1, 1, 1, 0));
  all.push_back(convolution(64, 10, 1, 1, 1, 1, 1, 1));
  return all;
}

// Sums of `terms` products of normal numbers in single precision: rounding walks at random, so the
// greatest error of some thousand sums is about 1e-7 times the terms.
void expect_close(const Aligned& a, const std::vector<double>& b, int terms,
                  const std::string& what) {
  ASSERT_EQ(a.size(), static_cast<std::int64_t>(b.size()));
  double greatest = 0;
  for (std::int64_t i = 0; i < a.size(); ++i)
    greatest =
        std::max(greatest, std::abs(static_cast<double>(a[i]) - b[static_cast<std::size_t>(i)]));
  EXPECT_LE(greatest, 2e-6 + 3e-7 * terms) << what;
}

void compare(const ConvolutionSize& s, RandomStream& random, const std::string& what) {
  ASSERT_TRUE(FastConvolution::fits(s)) << what;
  const FastConvolution fast(s);
  const std::int64_t plane = static_cast<std::int64_t>(s.kernel[0]) * s.kernel[1];
  const std::int64_t elements = s.output.channels * s.depth() * plane;
  const Aligned x = random_image(s.input, random), dy = random_image(s.output, random);
  Aligned weight(elements), bias(s.output.channels);
  for (std::int64_t i = 0; i < elements; ++i) weight[i] = static_cast<float>(random.normal());
  for (std::int64_t i = 0; i < bias.size(); ++i) bias[i] = static_cast<float>(random.normal());
  const std::int64_t stride[4] = {s.depth() * plane, plane, s.kernel[1], 1};
  const WeightView<const float> view{weight.data(), {stride[0], stride[1], stride[2], stride[3]}};
  const int terms = static_cast<int>(s.depth() * plane);
  const std::vector<double> x2 = in_double(x), dy2 = in_double(dy), weight2 = in_double(weight),
                            bias2 = in_double(bias);
  const WeightView<const double> view2{weight2.data(),
                                       {stride[0], stride[1], stride[2], stride[3]}};

  Aligned packed(fast.packed_elements()), flipped(fast.packed_elements());
  const Aligned scratch(fast.scratch_elements());
  fast.pack(view, packed.data());
  fast.pack_flipped(view, flipped.data());
  for (const float* b :
       {static_cast<const float*>(nullptr), static_cast<const float*>(bias.data())}) {
    Aligned y(s.output.elements());
    std::vector<double> expected(static_cast<std::size_t>(y.size()));
    fast.forward(x.data(), packed.data(), b, y.data(), scratch.data());
    convolve<double>(s, x2.data(), view2, b ? bias2.data() : nullptr, expected.data());
    expect_close(y, expected, terms, what + " forward");
  }
  const Aligned dx = random_image(s.input, random);
  std::vector<double> expected_dx = in_double(dx);
  fast.input_gradient(dy.data(), flipped.data(), dx.data(), scratch.data());
  convolve_input_gradient<double>(s, dy2.data(), view2, expected_dx.data());
  expect_close(dx, expected_dx, static_cast<int>(s.output.channels / s.groups * plane),
               what + " input gradient");

  Aligned dw(fast.packed_elements()), plain(elements);
  std::vector<double> expected_dw(static_cast<std::size_t>(elements), 0.0);
  fast.weight_gradient(x.data(), dy.data(), dw.data(), scratch.data());
  convolve_weight_gradient<double>(
      s, x2.data(), dy2.data(), {expected_dw.data(), {stride[0], stride[1], stride[2], stride[3]}},
      nullptr);
  for (int o = 0; o < s.output.channels; ++o)
    for (int i = 0; i < s.depth(); ++i)
      for (int ky = 0; ky < s.kernel[0]; ++ky)
        for (int kx = 0; kx < s.kernel[1]; ++kx)
          plain[o * stride[0] + i * stride[1] + ky * stride[2] + kx] =
              dw[fast.packed_index(o, i, ky, kx)];
  expect_close(plain, expected_dw, static_cast<int>(s.output.pixels()), what + " weight gradient");
}

TEST(FastConvolution, EqualsThePlainOneInEachInstructionSet) {
  for_each_instruction_set([](const std::string& name) {
    RandomStream random(4);
    for (const auto& s : sizes())
      compare(s, random,
              name + ", " + std::to_string(s.input.channels) + " to " +
                  std::to_string(s.output.channels) + " channels, " +
                  std::to_string(s.input.height) + "x" + std::to_string(s.input.width) +
                  ", kernel " + std::to_string(s.kernel[0]) + ", stride " +
                  std::to_string(s.stride[0]) + ", dilation " + std::to_string(s.dilation) +
                  ", groups " + std::to_string(s.groups));
  });
}

TEST(FastConvolution, WhatItDoesNotRun) {
  EXPECT_FALSE(FastConvolution::fits(convolution(8, 8, 6, 6, 3, 1, 1, 2)));
  EXPECT_FALSE(FastConvolution::fits(convolution(8, 16, 6, 6, 3, 1, 1, 8)));
}

}  // namespace
}  // namespace nasmyth::test
