// CIFAR-10 and CIFAR-100 (Krizhevsky, "Learning multiple layers of features from tiny images",
// 2009) in their binary version.
#include "nasmyth/data/cifar.h"

#include "nasmyth/core/error.h"
#include "nasmyth/data/data_source.h"

namespace nasmyth {
namespace {

template <const CifarFormat& (*kFormat)()>
DatasetPair load(const std::string& argument) {
  const CifarFormat& format = kFormat();
  if (argument.empty())
    throw Error(
        ErrorKind::kInvalidArgument, "data", "the source '" + format.name + "' needs a path",
        "write " + format.name + ":<folder of " + format.folder + ", or " + format.archive + ">");
  return read_cifar(format, argument);
}

template <const CifarFormat& (*kFormat)()>
DataSourceEntry entry(std::string help) {
  return {std::move(help), kFormat().name + ":<folder or archive>",
          []() -> std::vector<OptionInfo> { return {}; }, &load<kFormat>,
          [](const std::string& argument) {
            return !argument.empty() && has_cifar(kFormat(), argument);
          }};
}

}  // namespace

DataSourceEntry cifar10_source() {
  return entry<&cifar10_format>(
      "photographs, 10 classes of 32x32 colour images, 50,000 and 10,000");
}

DataSourceEntry cifar100_source() {
  return entry<&cifar100_format>(
      "photographs, 100 fine classes of 32x32 colour images, 50,000 and 10,000");
}

}  // namespace nasmyth
