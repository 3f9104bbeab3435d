# `cmake --install build/release --prefix DIR`: program, libraries, headers, and the CMake package
# `nasmyth` for plug-ins and programs outside of this checkout.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set_target_properties(libnasmyth PROPERTIES INSTALL_RPATH "$ORIGIN")
install(TARGETS libnasmyth LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(TARGET nasmyth)
  set_target_properties(nasmyth PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  install(TARGETS nasmyth RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
if(TARGET libnasmyth_torch)
  set_target_properties(libnasmyth_torch PROPERTIES INSTALL_RPATH "$ORIGIN;${nasmyth_torch_rpath}")
  install(TARGETS libnasmyth_torch LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
install(DIRECTORY nasmyth DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.h" PATTERN "*.def" PATTERN "nasmyth/torch" EXCLUDE
                                                     PATTERN "nasmyth/cli" EXCLUDE)

set(nasmyth_package "${CMAKE_INSTALL_LIBDIR}/cmake/nasmyth")
configure_package_config_file(cmake/nasmythConfig.cmake.in
                              "${CMAKE_BINARY_DIR}/nasmythConfig.cmake"
                              INSTALL_DESTINATION "${nasmyth_package}"
                              PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/nasmythConfigVersion.cmake"
                                 COMPATIBILITY ExactVersion)
install(FILES "${CMAKE_BINARY_DIR}/nasmythConfig.cmake"
              "${CMAKE_BINARY_DIR}/nasmythConfigVersion.cmake" DESTINATION "${nasmyth_package}")
