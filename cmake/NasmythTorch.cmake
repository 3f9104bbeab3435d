# libnasmyth_torch.so: the only part that sees LibTorch, through imported targets of our own. The
# wheel's CMake files look for compilers and toolkits that its users do not need.

file(GLOB_RECURSE nasmyth_torch_sources CONFIGURE_DEPENDS
     "${CMAKE_SOURCE_DIR}/nasmyth/torch/*.cpp")
if(NOT nasmyth_torch_sources)
  return()
endif()

set(nasmyth_torch_dir "${NASMYTH_TORCH_DIR}")
if(NOT nasmyth_torch_dir)
  file(GLOB nasmyth_torch_dir "${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch")
  if(nasmyth_torch_dir)
    list(GET nasmyth_torch_dir 0 nasmyth_torch_dir)
  endif()
endif()
if(NOT EXISTS "${nasmyth_torch_dir}/lib/libtorch_cpu.so")
  message(FATAL_ERROR "LibTorch not found in '${nasmyth_torch_dir}'. Run `make setup`, give "
                      "-DNASMYTH_TORCH_DIR=<folder of the Python package torch>, or leave it out "
                      "with -DNASMYTH_TORCH=OFF.")
endif()

# The library and the wheel must agree on the C++ standard library's ABI.
file(GLOB nasmyth_torch_config "${nasmyth_torch_dir}/share/cmake/Torch/TorchConfig.cmake")
if(nasmyth_torch_config)
  file(STRINGS "${nasmyth_torch_config}" nasmyth_torch_old_abi REGEX "_GLIBCXX_USE_CXX11_ABI=0")
  if(nasmyth_torch_old_abi)
    message(FATAL_ERROR "This build of torch uses the old C++ ABI (_GLIBCXX_USE_CXX11_ABI=0). "
                        "Install one that was built with the current one (2.6 or later).")
  endif()
endif()

function(nasmyth_torch_target target library)
  add_library(${target} SHARED IMPORTED)
  set_target_properties(
    ${target}
    PROPERTIES IMPORTED_LOCATION "${nasmyth_torch_dir}/lib/${library}"
               IMPORTED_NO_SONAME OFF
               INTERFACE_INCLUDE_DIRECTORIES
               "${nasmyth_torch_dir}/include;${nasmyth_torch_dir}/include/torch/csrc/api/include"
               INTERFACE_COMPILE_DEFINITIONS _GLIBCXX_USE_CXX11_ABI=1)
endfunction()
nasmyth_torch_target(nasmyth_c10 libc10.so)
nasmyth_torch_target(nasmyth_torch_cpu libtorch_cpu.so)
target_link_libraries(nasmyth_torch_cpu INTERFACE nasmyth_c10)

# A CUDA build of the wheel: its device libraries register themselves, so they must be linked even
# though no symbol is named. The NVIDIA packages' folders serve their own dependencies.
set(nasmyth_torch_rpath "$ORIGIN" "${nasmyth_torch_dir}/lib")
set(nasmyth_torch_cuda "")
if(EXISTS "${nasmyth_torch_dir}/lib/libtorch_cuda.so")
  nasmyth_torch_target(nasmyth_c10_cuda libc10_cuda.so)
  nasmyth_torch_target(nasmyth_torch_cuda libtorch_cuda.so)
  set(nasmyth_torch_cuda nasmyth_torch_cuda nasmyth_c10_cuda)
  file(GLOB nasmyth_nvidia_folders "${nasmyth_torch_dir}/../nvidia/*/lib"
       "${nasmyth_torch_dir}/../cusparselt/lib")
  foreach(folder IN LISTS nasmyth_nvidia_folders)
    cmake_path(NORMAL_PATH folder)
    list(APPEND nasmyth_torch_rpath "${folder}")
  endforeach()
  message(STATUS "LibTorch with CUDA: ${nasmyth_torch_dir}")
endif()

add_library(libnasmyth_torch SHARED ${nasmyth_torch_sources})
# No target-specific macro: tests/torch reuses the precompiled header.
set_target_properties(libnasmyth_torch PROPERTIES OUTPUT_NAME nasmyth_torch DEFINE_SYMBOL ""
                                                  BUILD_RPATH "${nasmyth_torch_rpath}")
target_include_directories(libnasmyth_torch PUBLIC "${CMAKE_SOURCE_DIR}")
target_link_libraries(libnasmyth_torch PUBLIC libnasmyth nasmyth_torch_cpu)
if(nasmyth_torch_cuda)
  target_link_libraries(libnasmyth_torch PUBLIC ${nasmyth_torch_cuda})
  target_link_options(libnasmyth_torch PUBLIC LINKER:--no-as-needed
                      "LINKER:--allow-shlib-undefined")
  target_compile_definitions(libnasmyth_torch PRIVATE NASMYTH_TORCH_CUDA)
endif()
nasmyth_precompiled_header(libnasmyth_torch nasmyth/torch/precompiled.h)
# The plug-in's entry points see no LibTorch, and name the version that they were built for.
set_source_files_properties(
  "${CMAKE_SOURCE_DIR}/nasmyth/torch/plugin.cpp"
  PROPERTIES SKIP_PRECOMPILE_HEADERS ON COMPILE_DEFINITIONS "NASMYTH_VERSION=\"${PROJECT_VERSION}\"")
