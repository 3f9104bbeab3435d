#pragma once

/// Before a loop of few steps whose number is known to the compiler: without it arrays of vectors
/// stay in memory instead of registers.
#if defined(__clang__)
#define NASMYTH_UNROLL _Pragma("unroll")
#else
#define NASMYTH_UNROLL _Pragma("GCC unroll 32")
#endif
