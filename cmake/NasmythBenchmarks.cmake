# Benchmarks: benchmarks/*.cpp make the program bench.

find_package(benchmark REQUIRED)
file(GLOB_RECURSE nasmyth_benchmark_sources CONFIGURE_DEPENDS
     "${CMAKE_SOURCE_DIR}/benchmarks/*.cpp")
if(nasmyth_benchmark_sources)
  add_executable(bench ${nasmyth_benchmark_sources})
  target_link_libraries(bench PRIVATE libnasmyth benchmark::benchmark benchmark::benchmark_main)
  set_target_properties(bench PROPERTIES BUILD_RPATH "$ORIGIN")
endif()
