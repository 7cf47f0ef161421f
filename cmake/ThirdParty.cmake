# The libraries that a lite build needs, from third_party/ of a bundle that scripts/pack_lite.sh made: headers, and
# yaml-cpp's sources, compiled without its own build system, which wants older CMakes.
set(third_party ${CMAKE_SOURCE_DIR}/third_party)
foreach(feature GPL VTK HDF5 METIS MPI TESTS BENCH)
  if(COTAN_${feature})
    message(FATAL_ERROR "COTAN_${feature} is ON, but this bundle has the sources of a lite build only: "
      "cmake --preset lite, or take cotan's repository")
  endif()
endforeach()
add_library(cotan_third_party INTERFACE)
target_include_directories(cotan_third_party SYSTEM INTERFACE ${third_party}/include)
target_compile_definitions(cotan_third_party INTERFACE FMT_HEADER_ONLY SPDLOG_FMT_EXTERNAL)
foreach(name nlohmann_json::nlohmann_json CLI11::CLI11 Eigen3::Eigen fmt::fmt fmt::fmt-header-only spdlog::spdlog)
  add_library(${name} ALIAS cotan_third_party)
endforeach()
file(GLOB_RECURSE yaml_cpp_sources CONFIGURE_DEPENDS ${third_party}/yaml-cpp/src/*.cpp)
add_library(yaml-cpp STATIC ${yaml_cpp_sources})
target_include_directories(yaml-cpp SYSTEM PUBLIC ${third_party}/yaml-cpp/include)
target_compile_options(yaml-cpp PRIVATE -w -include cstdint)  # 0.7 leaves <cstdint> to others, which newer compilers refuse
