#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/support/paths.h"

// The main function of every test program: plug-in libraries are those of this build.
int main(int argc, char** argv) {
  ::setenv("NASMYTH_LIBRARY_PATH", nasmyth::test::binary_dir().c_str(), 0);
  ::testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
