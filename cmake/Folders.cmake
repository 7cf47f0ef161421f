# One object library a folder, its links saying the same arrows as tests/include_rules.py; together they are
# the library `cotan`. Object libraries: nothing is dropped at link time, and build times stay simple.
add_library(cotan_base INTERFACE)  # what every source is compiled with
target_compile_features(cotan_base INTERFACE cxx_std_20)
target_include_directories(cotan_base INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>)
target_compile_options(cotan_base INTERFACE -Wall -Wextra -Wshadow -Wundef -Wno-sign-compare -Wno-deprecated-declarations)
if(COTAN_WERROR)  # not in Release: GCC 12 raises false alarms at -O3, as its bug 105651 on "literal" + string
  target_compile_options(cotan_base INTERFACE $<$<NOT:$<CONFIG:Release>>:-Werror>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  set(false_alarms -Wno-restrict -Wno-array-bounds -Wno-stringop-overread -Wno-stringop-overflow)
  target_compile_options(cotan_base INTERFACE "$<$<CONFIG:Release>:${false_alarms}>")
endif()
foreach(feature GPL VTK HDF5 METIS MPI)
  set(COTAN_HAS_${feature} ${COTAN_${feature}})
endforeach()
configure_file(cmake/build_config.h.in ${CMAKE_BINARY_DIR}/generated/build_config.h)
target_include_directories(cotan_base INTERFACE $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/generated>)
target_compile_definitions(cotan_base INTERFACE COTAN_VERSION="${PROJECT_VERSION}")
target_link_libraries(cotan_base INTERFACE Threads::Threads)

# cotan_pch(NAME LINKS … HEADERS …): headers that many sources share, parsed once; cotan_use_pch(TARGET NAME) takes them.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pch.cpp CONTENT "")  # not touched where it is there
function(cotan_pch name)
  cmake_parse_arguments(arg "" "" "LINKS;HEADERS" ${ARGN})
  if(COTAN_PCH)
    add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
    target_link_libraries(${name} PRIVATE cotan_base cotan_torch ${arg_LINKS})
    target_precompile_headers(${name} PRIVATE <ATen/ATen.h> <torch/csrc/autograd/custom_function.h> ${arg_HEADERS})
  endif()
endfunction()
function(cotan_use_pch target name)
  if(COTAN_PCH)
    target_precompile_headers(${target} REUSE_FROM ${name})
    target_compile_options(${target} PRIVATE -fPIC)  # as the precompiled header: a program has -fPIE else
  endif()
endfunction()
cotan_pch(cotan_pch_library)
# The program's wiring and the tests: what they wait for is the library, so in Dev they are compiled in a third less time.
add_library(cotan_quick INTERFACE)
target_compile_options(cotan_quick INTERFACE "$<$<CONFIG:Dev>:-O1;${false_alarms}>")

set(COTAN_OBJECTS "")
# cotan_folder(NAME [TORCH] SOURCES …): the object library cotan_NAME
function(cotan_folder name)
  cmake_parse_arguments(arg "TORCH" "" "SOURCES" ${ARGN})
  add_library(cotan_${name} OBJECT ${arg_SOURCES})
  target_link_libraries(cotan_${name} PUBLIC cotan_base)
  if(arg_TORCH)
    target_link_libraries(cotan_${name} PUBLIC cotan_torch)
    cotan_use_pch(cotan_${name} cotan_pch_library)
  endif()
  set(COTAN_OBJECTS ${COTAN_OBJECTS} cotan_${name} PARENT_SCOPE)
endfunction()

# A source that needs a feature has a twin NAME_absent.cpp, which says what to rebuild with; further sources of the
# feature may follow it.
function(cotan_feature_source target feature source)
  get_filename_component(folder ${source} DIRECTORY)
  get_filename_component(stem ${source} NAME_WE)
  if(COTAN_${feature})
    list(TRANSFORM ARGV PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE paths)
    list(SUBLIST paths 2 -1 paths)
    target_sources(${target} PRIVATE ${paths})
  else()
    target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/${folder}/${stem}_absent.cpp)
  endif()
endfunction()

# Sources of a folder, without those that a feature picks.
function(cotan_sources out folder)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
  list(FILTER files EXCLUDE REGEX "_absent\\.cpp$")
  foreach(pattern ${ARGN})
    list(FILTER files EXCLUDE REGEX "/${pattern}\\.cpp$")
  endforeach()
  set(${out} ${files} PARENT_SCOPE)
endfunction()

# core: no torch
cotan_sources(files core)
cotan_folder(core SOURCES ${files})
target_link_libraries(cotan_core PRIVATE yaml-cpp spdlog::spdlog fmt::fmt)
if(COTAN_MPI)
  target_link_libraries(cotan_core PRIVATE MPI::MPI_C)
endif()

# mesh: host parts, then what lives on tensors
set(mesh_torch segment graph halo operators isometry radius_edges weighted_differences laplacian stencil stencil_weights mirror_edges edge_sets)
cotan_sources(files mesh ${mesh_torch} partition_metis outline_cgal volume_cgal)
cotan_folder(mesh SOURCES ${files})
cotan_feature_source(cotan_mesh METIS mesh/partition_metis.cpp)
if(COTAN_METIS)
  target_include_directories(cotan_mesh SYSTEM PRIVATE ${METIS_INCLUDE_DIR})
  target_link_libraries(cotan_mesh PRIVATE ${METIS_LIBRARY})
endif()
list(TRANSFORM mesh_torch PREPEND mesh/)
list(TRANSFORM mesh_torch APPEND .cpp)
cotan_folder(mesh_torch TORCH SOURCES ${mesh_torch})

# CGAL adds -frounding-math to whatever links it: alone in its own object library
cotan_folder(mesh_cgal SOURCES)
cotan_feature_source(cotan_mesh_cgal GPL mesh/outline_cgal.cpp)
cotan_feature_source(cotan_mesh_cgal GPL mesh/volume_cgal.cpp)
if(COTAN_GPL)
  target_link_libraries(cotan_mesh_cgal PRIVATE CGAL::CGAL)
endif()

cotan_sources(files integrators)
cotan_folder(integrators TORCH SOURCES ${files})

# io: no torch
cotan_sources(files io vtk vtk_xml vtk_xml_array vtk_poly vtk_read vtk_write vtkhdf vtkhdf_file vtkhdf_file_read vtkhdf_file_write vtkhdf_layout vtkhdf_read vtkhdf_arrays xdmf xdmf_document xdmf_item
  xdmf_layout xdmf_mesh xdmf_write npz gzip gmsh gmsh_sizes)
cotan_folder(io SOURCES ${files})
target_link_libraries(cotan_io PRIVATE nlohmann_json::nlohmann_json yaml-cpp)
cotan_feature_source(cotan_io VTK io/vtk.cpp io/vtk_xml.cpp io/vtk_xml_array.cpp io/vtk_poly.cpp io/vtk_read.cpp
  io/vtk_write.cpp)
cotan_feature_source(cotan_io HDF5 io/vtkhdf.cpp io/vtkhdf_file.cpp io/vtkhdf_file_read.cpp io/vtkhdf_file_write.cpp
  io/vtkhdf_layout.cpp io/vtkhdf_read.cpp io/vtkhdf_arrays.cpp io/xdmf.cpp io/xdmf_document.cpp io/xdmf_item.cpp
  io/xdmf_layout.cpp io/xdmf_mesh.cpp io/xdmf_write.cpp io/npz.cpp)
cotan_feature_source(cotan_io HDF5 io/gzip.cpp)
cotan_feature_source(cotan_io GPL io/gmsh.cpp io/gmsh_sizes.cpp)
if(COTAN_VTK)
  target_link_libraries(cotan_io PRIVATE ${VTK_LIBRARIES_OF_FILES} pugixml::pugixml)
endif()
if(COTAN_HDF5)
  target_include_directories(cotan_io SYSTEM PRIVATE ${HDF5_INCLUDE_DIRS})
  target_link_libraries(cotan_io PRIVATE ${HDF5_LIBRARIES} pugixml::pugixml ZLIB::ZLIB)
endif()
if(COTAN_GPL)
  target_include_directories(cotan_io SYSTEM PRIVATE ${GMSH_INCLUDE_DIR})
  target_link_libraries(cotan_io PRIVATE ${GMSH_LIBRARY})
endif()

cotan_sources(files physics direct_umfpack)
cotan_folder(physics TORCH SOURCES ${files})
cotan_feature_source(cotan_physics GPL physics/direct_umfpack.cpp)
target_link_libraries(cotan_physics PRIVATE Eigen3::Eigen)
if(COTAN_GPL)
  target_include_directories(cotan_physics SYSTEM PRIVATE ${UMFPACK_INCLUDE_DIR})
  target_link_libraries(cotan_physics PRIVATE ${UMFPACK_LIBRARY})
endif()

cotan_sources(files gnn)
cotan_folder(gnn TORCH SOURCES ${files})
# One source for several instruction sets, picked from at run time; the rest of the program stays at the baseline.
set(row_kernels -O3 -ffp-contract=fast)
set_source_files_properties(gnn/row_kernels_portable.cpp PROPERTIES
  SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "${row_kernels}")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set_source_files_properties(gnn/row_kernels_avx2.cpp PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "${row_kernels};-mavx2;-mfma")
  set_source_files_properties(gnn/row_kernels_avx512.cpp PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "${row_kernels};-mavx512f")
endif()

# The library. Shared, so that who links it needs LibTorch and nothing else of ours. Torch stands first in the link
# line: libtorch_cpu exports dgemm_ and others, and its products must meet its own (tests/install checks the binding).
add_library(cotan SHARED)
add_library(cotan::cotan ALIAS cotan)
target_compile_features(cotan PUBLIC cxx_std_20)
target_include_directories(cotan PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/cotan>)
target_link_libraries(cotan PUBLIC $<BUILD_INTERFACE:cotan_torch> $<INSTALL_INTERFACE:cotan_libtorch>
  PRIVATE $<BUILD_INTERFACE:cotan_base>)
foreach(object ${COTAN_OBJECTS})
  target_link_libraries(cotan PRIVATE ${object})
endforeach()
set_target_properties(cotan PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  INSTALL_RPATH "$ORIGIN;${COTAN_TORCH_DIR}/lib")

# The program. fmt header-only: the wheel of LibTorch brings an fmt of its own among its headers
cotan_sources(files apps main)
add_library(cotan_apps OBJECT ${files})  # so that tests/apps reach what is between the verbs and the library
target_link_libraries(cotan_apps PUBLIC cotan cotan_base CLI11::CLI11 nlohmann_json::nlohmann_json fmt::fmt-header-only)
add_executable(cotan_cli apps/main.cpp)
set_target_properties(cotan_cli PROPERTIES OUTPUT_NAME cotan
  INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${COTAN_TORCH_DIR}/lib")
target_link_libraries(cotan_cli PRIVATE cotan_apps)
cotan_pch(cotan_pch_apps LINKS cotan_quick CLI11::CLI11 nlohmann_json::nlohmann_json
  HEADERS <CLI/CLI.hpp> <nlohmann/json.hpp>)
foreach(target cotan_apps cotan_cli)
  target_link_libraries(${target} PRIVATE cotan_quick)
  cotan_use_pch(${target} cotan_pch_apps)
endforeach()

# What `cotan render` starts to draw. Apart, since graphics libraries take long to load, and abort without a display.
if(COTAN_VTK)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/apps/draw/*.cpp)
  add_executable(cotan_draw ${files})
  set(modules VTK::CommonCore VTK::CommonDataModel VTK::FiltersCore VTK::FiltersSources VTK::IOImage VTK::IOOggTheora
    VTK::RenderingCore VTK::RenderingFreeType VTK::RenderingOpenGL2)
  target_link_libraries(cotan_draw PRIVATE cotan cotan_base fmt::fmt-header-only ${modules})
  vtk_module_autoinit(TARGETS cotan_draw MODULES ${modules})
  set_target_properties(cotan_draw PROPERTIES
    INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${COTAN_TORCH_DIR}/lib")
  add_dependencies(cotan_cli cotan_draw)
endif()
