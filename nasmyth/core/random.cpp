#include "nasmyth/core/random.h"

#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/core/file.h"
#include "nasmyth/core/philox.h"

// A fused multiply-add rounds once where two instructions round twice; without this the last bit of
// a normal number would depend on the machine that the program was compiled for.
#if defined(__clang__)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

namespace nasmyth {
namespace {

// The last word of the counter: blocks that are drawn, forked by name, forked by number, and keys
// made from a seed never coincide.
enum : std::uint32_t { kDraw = 0, kForkName = 1, kForkIndex = 2, kSeed = 3 };

std::uint64_t block(std::uint64_t key, std::uint64_t counter, std::uint32_t domain) {
  const auto words = philox4x32(
      {static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32), 0, domain},
      {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)});
  return words[0] | std::uint64_t{words[1]} << 32;
}

// Uniform in the open interval (0, 1), symmetric about 1/2: both ends are 2^-53 away.
double open_uniform(std::uint64_t bits) {
  return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
}

// Natural logarithm of a positive normal number after fdlibm's e_log.c (Sun Microsystems, 1993),
// to one unit in the last place. The C library's own differs between machines in the last bit.
double portable_log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // exact
  if (m < 0.70710678118654752440) {
    m *= 2;
    --exponent;
  }
  const double f = m - 1.0, s = f / (2.0 + f), z = s * s, w = z * z, k = exponent;
  const double even = w * (3.999999999940941908e-01 +
                           w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double odd = z * (6.666666666666735130e-01 +
                          w * (2.857142874366239149e-01 +
                               w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const double half_square = 0.5 * f * f;
  const double low = s * (half_square + (even + odd)) + k * 1.90821492927058770002e-10;
  return k * 6.93147180369123816490e-01 - ((half_square - low) - f);
}

template <std::size_t N>
double polynomial(const double (&coefficients)[N], double x) {
  double value = coefficients[N - 1];
  for (std::size_t i = N - 1; i-- > 0;) value = value * x + coefficients[i];
  return value;
}

// Coefficients of algorithm AS 241, PPND16: numerators and denominators for the middle, the tails
// and the far tails.
constexpr double kA[] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                         1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                         3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr double kB[] = {1.0,
                         4.2313330701600911252e1,
                         6.8718700749205790830e2,
                         5.3941960214247511077e3,
                         2.1213794301586595867e4,
                         3.9307895800092710610e4,
                         2.8729085735721942674e4,
                         5.2264952788528545610e3};
constexpr double kC[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                         5.76949722146069140550e0,  3.64784832476320460504e0,
                         1.27045825245236838258e0,  2.41780725177450611770e-1,
                         2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double kD[] = {1.0,
                         2.05319162663775882187e0,
                         1.67638483018380384940e0,
                         6.89767334985100004550e-1,
                         1.48103976427480074590e-1,
                         1.51986665636164571966e-2,
                         5.47593808499534494600e-4,
                         1.05075007164441684324e-9};
constexpr double kE[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                         1.78482653991729133580e0,  2.96560571828504891230e-1,
                         2.65321895265761230930e-2, 1.24266094738807843860e-3,
                         2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double kF[] = {1.0,
                         5.99832206555887937690e-1,
                         1.36929880922735805310e-1,
                         1.48753612908506148525e-2,
                         7.86869131145613259100e-4,
                         1.84631831751005468180e-5,
                         1.42151175831644588870e-7,
                         2.04426310338993978564e-15};

// Inverse of the normal distribution function (Wichura, Applied Statistics 37, 1988), relative
// error about 1e-16.
double normal_quantile(double p) {
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kA, r) / polynomial(kB, r);
  }
  double r = std::sqrt(-portable_log(q < 0 ? p : 1.0 - p));
  double value;
  if (r <= 5.0) {
    r -= 1.6;
    value = polynomial(kC, r) / polynomial(kD, r);
  } else {
    r -= 5.0;
    value = polynomial(kE, r) / polynomial(kF, r);
  }
  return q < 0 ? -value : value;
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed) : state_{block(seed, 0, kSeed), 0} {}

RandomStream RandomStream::fork(std::string_view name) const {
  return RandomStream(State{block(state_.key, hash64(name), kForkName), 0});
}

RandomStream RandomStream::fork(std::uint64_t index) const {
  return RandomStream(State{block(state_.key, index, kForkIndex), 0});
}

std::uint64_t RandomStream::next() { return block(state_.key, state_.counter++, kDraw); }

double RandomStream::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

double RandomStream::uniform(double low, double high) {
  const double value = low + (high - low) * uniform();
  return value < high || !(low < high) ? value : std::nextafter(high, low);
}

double RandomStream::normal() { return normal_quantile(open_uniform(next())); }

double RandomStream::gumbel() { return -portable_log(-portable_log(open_uniform(next()))); }

std::uint64_t RandomStream::below(std::uint64_t bound) {
  if (bound == 0) throw Error(ErrorKind::kInvalidArgument, "random", "below(0) has no result");
  // Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019).
  __extension__ using Wide = unsigned __int128;
  Wide product = Wide{next()} * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t rejected = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < rejected) product = Wide{next()} * bound;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

}  // namespace nasmyth
