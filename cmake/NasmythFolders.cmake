# One OBJECT library for each folder of nasmyth/, in levels; libnasmyth; the program.

set(NASMYTH_FOLDERS "")       # every folder that has sources, lowest level first
set(NASMYTH_LOWER_FOLDERS "") # those of the levels finished so far

# nasmyth_folder(<folder> DEPENDS <lower folders...> [LIBRARIES <targets...>])
#
# OBJECT library nasmyth_<folder> from all sources below nasmyth/<folder>; new files are found by
# the next build. Lower folders without sources are left out of the link line.
function(nasmyth_folder folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LIBRARIES")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/nasmyth/${folder}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/nasmyth/cli/main\\.cpp$")
  if(NOT sources)
    return()
  endif()
  set(target nasmyth_${folder})
  add_library(${target} OBJECT ${sources})
  target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PUBLIC nasmyth_third_party ${arg_LIBRARIES})
  foreach(lower IN LISTS arg_DEPENDS)
    if(TARGET nasmyth_${lower})
      target_link_libraries(${target} PUBLIC nasmyth_${lower})
    endif()
  endforeach()
  if(EXISTS "${CMAKE_SOURCE_DIR}/nasmyth/${folder}/precompiled.h")
    nasmyth_precompiled_header(${target} nasmyth/${folder}/precompiled.h)
  else()
    nasmyth_precompiled_header(${target} nasmyth_core)
  endif()
  set(NASMYTH_FOLDERS ${NASMYTH_FOLDERS} ${folder} PARENT_SCOPE)
endfunction()

# nasmyth_precompiled_header(<target> <header or target>): a header of the target's own, or the one
# of another target that compiles with the same flags and macros. Such a header holds nothing of
# ours, so that no change makes everything compile again.
function(nasmyth_precompiled_header target from)
  # ccache needs -fpch-preprocess to tell uses of the precompiled header apart. g++ 12 no longer
  # sees that its std::string, once inlined, comes from a system header, and warns of it.
  target_compile_options(
    ${target} PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess;-Wno-array-bounds>"
                      "$<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow;-Wno-stringop-overread>")
  if(TARGET ${from})
    target_precompile_headers(${target} REUSE_FROM ${from})
  else()
    target_precompile_headers(${target} PRIVATE "${CMAKE_SOURCE_DIR}/${from}")
  endif()
endfunction()

# nasmyth_level(<folders...>): folders of one level, each depending on all lower levels.
macro(nasmyth_level)
  foreach(nasmyth_level_folder ${ARGN})
    nasmyth_folder(${nasmyth_level_folder} DEPENDS ${NASMYTH_LOWER_FOLDERS})
  endforeach()
  list(APPEND NASMYTH_LOWER_FOLDERS ${ARGN})
endmacro()

# libnasmyth.so: all folders. It is shared, so that there is one copy of each registry.
function(nasmyth_library)
  if(NOT NASMYTH_FOLDERS)
    message(FATAL_ERROR "no sources below ${CMAKE_SOURCE_DIR}/nasmyth")
  endif()
  add_library(libnasmyth SHARED)
  set_target_properties(libnasmyth PROPERTIES OUTPUT_NAME nasmyth LINKER_LANGUAGE CXX)
  target_include_directories(libnasmyth PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(libnasmyth PUBLIC nasmyth_third_party)
  foreach(folder IN LISTS NASMYTH_FOLDERS)
    target_link_libraries(libnasmyth PRIVATE nasmyth_${folder})
  endforeach()
  if(NOT NASMYTH_SANITIZE)
    target_link_options(libnasmyth PRIVATE LINKER:--no-undefined)
  endif()
  # No macro of the target's: the other folders reuse its precompiled header.
  set_source_files_properties(
    "${CMAKE_SOURCE_DIR}/nasmyth/core/version.cpp" "${CMAKE_SOURCE_DIR}/nasmyth/core/plugin.cpp"
    PROPERTIES COMPILE_DEFINITIONS "NASMYTH_VERSION=\"${PROJECT_VERSION}\"")
endfunction()

# The program: nasmyth/cli/main.cpp and libnasmyth.so beside it.
function(nasmyth_program)
  file(GLOB main CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/nasmyth/cli/main.cpp")
  if(NOT main)
    return()
  endif()
  add_executable(nasmyth ${main})
  target_link_libraries(nasmyth PRIVATE libnasmyth)
  set_target_properties(nasmyth PROPERTIES BUILD_RPATH "$ORIGIN")
endfunction()
