# The program `fuzz`: all targets of tests/fuzz under libFuzzer, which only Clang has. Configure with
# the preset `fuzz`; tests/fuzz/fuzz.py does that, and runs it.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "NASMYTH_FUZZ needs Clang; use the preset fuzz")
endif()

find_package(GTest REQUIRED)
file(GLOB nasmyth_fuzz_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fuzz/*.cpp")
list(FILTER nasmyth_fuzz_sources EXCLUDE REGEX "_test\\.cpp$")
add_executable(fuzz ${nasmyth_fuzz_sources} "${CMAKE_SOURCE_DIR}/tests/data/files.cpp"
                    "${CMAKE_SOURCE_DIR}/tests/support/temporary_directory.cpp")
target_include_directories(fuzz PRIVATE "${CMAKE_SOURCE_DIR}")
# The folders that read what a user gives them; the others only take time to build.
foreach(folder IN LISTS NASMYTH_FOLDERS)
  if(NOT folder MATCHES "^(report|export|cli)$")
    target_link_libraries(fuzz PRIVATE nasmyth_${folder})
  endif()
endforeach()
target_link_libraries(fuzz PRIVATE GTest::gtest GTest::gmock)
target_link_options(fuzz PRIVATE -fsanitize=fuzzer)
