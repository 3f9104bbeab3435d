# Tests: tests/<folder>/*.cpp is the GoogleTest program test_<folder>; files *_gpu_test.cpp make
# test_<folder>_gpu (label gpu); tests/full/<folder>/*.cpp make test_full_<folder> (label full).
# Folders torch and runtime need LibTorch and OpenVINO; without them their programs are left out.
# Scripts in tests/cli and tests/checks are tests of their own. New files are found by the next
# build.

find_package(GTest REQUIRED)
include(GoogleTest)
include(NasmythOpenVino)
find_program(NASMYTH_PYTHON NAMES python3 PATHS "${CMAKE_SOURCE_DIR}/.venv/bin" NO_DEFAULT_PATH)
find_program(NASMYTH_PYTHON NAMES python3 REQUIRED)

# Folders whose tests keep several threads busy.
set(NASMYTH_HEAVY_TESTS engine train supernet estimator strategy search torch profile cli export)

file(GLOB nasmyth_test_support CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/support/*.cpp")
add_library(nasmyth_test_support STATIC ${nasmyth_test_support})
target_include_directories(nasmyth_test_support PUBLIC "${CMAKE_SOURCE_DIR}")
target_link_libraries(nasmyth_test_support PUBLIC libnasmyth GTest::gtest GTest::gmock)
# Absolute paths are known to one file only, so that the compiler cache serves every clone.
set_source_files_properties(
  "${CMAKE_SOURCE_DIR}/tests/support/paths.cpp"
  PROPERTIES COMPILE_DEFINITIONS
             "NASMYTH_SOURCE_DIR=\"${CMAKE_SOURCE_DIR}\";NASMYTH_BINARY_DIR=\"${CMAKE_BINARY_DIR}\"")

set(NASMYTH_TEST_TIMEOUT 600)
if(NASMYTH_SANITIZE)
  set(NASMYTH_TEST_TIMEOUT 3600)
endif()

add_custom_target(nasmyth_tests)
add_custom_target(nasmyth_full_tests)

# nasmyth_test_program(<name> <folder> <label> <sources...>)
function(nasmyth_test_program name folder label)
  set(heavy 1)
  if(folder IN_LIST NASMYTH_HEAVY_TESTS)
    set(heavy 2)
  endif()
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE nasmyth_test_support)
  set_target_properties(${name} PROPERTIES BUILD_RPATH "$ORIGIN")
  if(folder STREQUAL torch)
    if(NOT TARGET libnasmyth_torch)
      set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
      return()
    endif()
    # The same code-generation flags as the library, or the precompiled header does not fit.
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE -fPIC -fpch-preprocess)
    target_link_libraries(${name} PRIVATE libnasmyth_torch)
    target_precompile_headers(${name} REUSE_FROM libnasmyth_torch)
  endif()
  if(folder STREQUAL runtime)
    if(NOT TARGET nasmyth_openvino)
      set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
      return()
    endif()
    target_link_libraries(${name} PRIVATE nasmyth_openvino)
  endif()
  if(label STREQUAL fast)
    add_dependencies(nasmyth_tests ${name})
    gtest_discover_tests(
      ${name} TEST_PREFIX "${folder}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      WORKING_DIRECTORY "${CMAKE_BINARY_DIR}"
      PROPERTIES LABELS fast PROCESSORS ${heavy} TIMEOUT ${NASMYTH_TEST_TIMEOUT})
  else()
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    add_dependencies(nasmyth_full_tests ${name})
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${CMAKE_BINARY_DIR}")
    set_tests_properties(${name} PROPERTIES LABELS ${label} RUN_SERIAL ON TIMEOUT 7200)
  endif()
endfunction()

file(GLOB_RECURSE nasmyth_test_sources CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/tests"
     "${CMAKE_SOURCE_DIR}/tests/*.cpp")
set(nasmyth_test_programs "")
foreach(source IN LISTS nasmyth_test_sources)
  if(source MATCHES "^full/([a-z0-9_]+)/")
    set(folder ${CMAKE_MATCH_1})
    set(name test_full_${folder})
    set(label full)
  elseif(source MATCHES "^(support|checks|install)/" OR NOT source MATCHES "^([a-z0-9_]+)/")
    continue()
  else()
    set(folder ${CMAKE_MATCH_1})
    set(name test_${folder})
    set(label fast)
  endif()
  if(source MATCHES "_gpu_test\\.cpp$")
    set(name ${name}_gpu)
    set(label gpu)
  endif()
  list(APPEND nasmyth_test_programs ${name})
  set(nasmyth_${name}_folder ${folder})
  set(nasmyth_${name}_label ${label})
  list(APPEND nasmyth_${name}_sources "${CMAKE_SOURCE_DIR}/tests/${source}")
endforeach()
list(REMOVE_DUPLICATES nasmyth_test_programs)
list(APPEND nasmyth_test_fuzz_sources "${CMAKE_SOURCE_DIR}/tests/data/files.cpp")
foreach(name IN LISTS nasmyth_test_programs)
  nasmyth_test_program(${name} ${nasmyth_${name}_folder} ${nasmyth_${name}_label}
                       ${nasmyth_${name}_sources})
endforeach()

# Scripts: they find the program in NASMYTH, the interpreter in PYTHON.
set(nasmyth_script_environment
    "NASMYTH=${CMAKE_BINARY_DIR}/nasmyth" "PYTHON=${NASMYTH_PYTHON}"
    "NASMYTH_SOURCE_DIR=${CMAKE_SOURCE_DIR}" "NASMYTH_BINARY_DIR=${CMAKE_BINARY_DIR}")

# nasmyth_test_script(<name> <label> <script> [arguments...])
function(nasmyth_test_script name label script)
  if(script MATCHES "\\.py$")
    set(interpreter "${NASMYTH_PYTHON}")
  else()
    set(interpreter bash)
  endif()
  add_test(NAME ${name} COMMAND "${interpreter}" "${script}" ${ARGN}
           WORKING_DIRECTORY "${CMAKE_BINARY_DIR}")
  set_tests_properties(
    ${name} PROPERTIES LABELS ${label} ENVIRONMENT "${nasmyth_script_environment}"
                       SKIP_RETURN_CODE 77 TIMEOUT 3600)
endfunction()

file(GLOB nasmyth_scripts CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/tests"
     "${CMAKE_SOURCE_DIR}/tests/cli/*.sh" "${CMAKE_SOURCE_DIR}/tests/cli/*.py"
     "${CMAKE_SOURCE_DIR}/tests/full/cli/*.sh" "${CMAKE_SOURCE_DIR}/tests/full/cli/*.py")
foreach(script IN LISTS nasmyth_scripts)
  string(REGEX REPLACE "\\.(sh|py)$" "" name "${script}")
  string(REPLACE "/" "." name "${name}")
  if(script MATCHES "^full/")
    nasmyth_test_script(${name} full "${CMAKE_SOURCE_DIR}/tests/${script}")
  else()
    nasmyth_test_script(${name} fast "${CMAKE_SOURCE_DIR}/tests/${script}")
    set_tests_properties(${name} PROPERTIES PROCESSORS 2)
  endif()
endforeach()

# Each fuzz target under libFuzzer, after a build of its own with Clang. Without Clang they are
# skipped. The targets are the folders of the corpus.
file(GLOB nasmyth_fuzz_targets CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus"
     "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/*")
nasmyth_test_script(full.fuzz.build full "${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz.py" --build)
set_tests_properties(full.fuzz.build PROPERTIES FIXTURES_SETUP nasmyth_fuzz PROCESSORS 2)
foreach(target IN LISTS nasmyth_fuzz_targets)
  nasmyth_test_script(full.fuzz.${target} full "${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz.py" ${target})
  set_tests_properties(full.fuzz.${target} PROPERTIES FIXTURES_REQUIRED nasmyth_fuzz TIMEOUT 86400)
endforeach()

foreach(check layers sizes format)
  nasmyth_test_script(checks.${check} fast "${CMAKE_SOURCE_DIR}/tests/checks/${check}.py")
endforeach()
if(NOT NASMYTH_SANITIZE)
  nasmyth_test_script(checks.build_time fast "${CMAKE_SOURCE_DIR}/tests/checks/build_time.py")
endif()
