# The OpenVINO runtime inside the Python package openvino, as an imported target of our own: the
# independent runtime that tests compare exported networks with. Nothing else links it. Without the
# package there is no target nasmyth_openvino, and those tests are left out.

set(nasmyth_openvino_dir "${NASMYTH_OPENVINO_DIR}")
if(NOT nasmyth_openvino_dir)
  file(GLOB nasmyth_openvino_dir "${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/openvino")
  if(nasmyth_openvino_dir)
    list(GET nasmyth_openvino_dir 0 nasmyth_openvino_dir)
  endif()
endif()

# The library bears its version in its name: libopenvino.so.2541.
file(GLOB nasmyth_openvino_library "${nasmyth_openvino_dir}/libs/libopenvino.so*")
if(NOT nasmyth_openvino_library
   OR NOT EXISTS "${nasmyth_openvino_dir}/include/openvino/openvino.hpp")
  message(STATUS "OpenVINO not found: tests/runtime is left out (`make setup` installs it)")
  return()
endif()
list(GET nasmyth_openvino_library 0 nasmyth_openvino_library)

# Wheels before 2024 use the old ABI of the C++ standard library, which does not link with ours.
file(GLOB nasmyth_openvino_targets "${nasmyth_openvino_dir}/cmake/OpenVINOTargets.cmake")
if(nasmyth_openvino_targets)
  file(STRINGS "${nasmyth_openvino_targets}" nasmyth_openvino_old_abi
       REGEX "_GLIBCXX_USE_CXX11_ABI=0")
  if(nasmyth_openvino_old_abi)
    message(STATUS "OpenVINO in ${nasmyth_openvino_dir} has the old C++ ABI: tests/runtime is "
                   "left out")
    return()
  endif()
endif()

add_library(nasmyth_openvino SHARED IMPORTED)
set_target_properties(
  nasmyth_openvino
  PROPERTIES IMPORTED_LOCATION "${nasmyth_openvino_library}"
             INTERFACE_INCLUDE_DIRECTORIES "${nasmyth_openvino_dir}/include"
             INTERFACE_COMPILE_DEFINITIONS _GLIBCXX_USE_CXX11_ABI=1)
