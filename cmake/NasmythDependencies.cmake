# Third-party packages, all from the distribution, behind one interface target.

find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(NASMYTH_ZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(NASMYTH_HWY REQUIRED IMPORTED_TARGET libhwy)
find_path(NASMYTH_PROTOZERO_INCLUDE protozero/pbf_reader.hpp REQUIRED)

add_library(nasmyth_third_party INTERFACE)
target_include_directories(nasmyth_third_party SYSTEM INTERFACE "${NASMYTH_PROTOZERO_INCLUDE}")
target_link_libraries(
  nasmyth_third_party
  INTERFACE fmt::fmt spdlog::spdlog yaml-cpp nlohmann_json::nlohmann_json CLI11::CLI11 PNG::PNG
            JPEG::JPEG ZLIB::ZLIB PkgConfig::NASMYTH_ZIP PkgConfig::NASMYTH_HWY Threads::Threads ${CMAKE_DL_LIBS})
