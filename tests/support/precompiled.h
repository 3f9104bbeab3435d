#pragma once

// Precompiled header of the tests: GoogleTest, GoogleMock, and what the library's sources read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nasmyth/core/precompiled.h"
