# The fuzz drawer: a campaign of cut and mutated files over every reader, which also replays the corpus (no special
# build), and with COTAN_FUZZ (clang) the libFuzzer targets, of host sources alone:
#   cmake -B build/fuzz -DCOTAN_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++ … && build/fuzz/bin/fuzz_msh -max_total_time=300 DIR tests/fuzz/corpus/msh
cotan_test(fuzz fuzz)
if(TARGET test_fuzz)
  target_sources(test_fuzz PRIVATE ${CMAKE_CURRENT_LIST_DIR}/fuzz/mesh_readers.cpp ${CMAKE_CURRENT_LIST_DIR}/fuzz/archive_readers.cpp)
endif()

if(COTAN_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "COTAN_FUZZ needs clang, the compiler is ${CMAKE_CXX_COMPILER_ID}")
  endif()
  set(fuzz_sources core/check core/files core/tensor_file mesh/cell mesh/mesh mesh/mesh_checks mesh/mesh_edits
      mesh/measure mesh/patch mesh/topology mesh/roles io/abaqus_build io/abaqus_faces io/abaqus_read
      io/abaqus_types io/archive_values io/byte_source io/crc32c io/foam_case io/foam_cells io/foam_file io/foam_mesh io/foam_plane io/gzip_absent
      io/json io/mesh_content io/mesh_io_mend io/poly_mesh
      io/rows io/safetensors io/sides io/source io/su2 io/tag_map io/tfrecord io/tfrecord_layout io/tfrecord_meta io/tfrecord_trajectory
      io/grid_content io/legacy_vtk io/legacy_vtk_structured io/legacy_vtk_values io/surface io/surface_build io/vtk_grid)
  list(TRANSFORM fuzz_sources PREPEND ${CMAKE_SOURCE_DIR}/)
  list(TRANSFORM fuzz_sources APPEND .cpp)
  file(GLOB msh_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/io/msh_*.cpp)
  set(fuzz_flags -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  add_library(cotan_fuzz OBJECT ${fuzz_sources} ${msh_sources})
  target_compile_options(cotan_fuzz PUBLIC ${fuzz_flags})
  target_link_libraries(cotan_fuzz PUBLIC cotan_base nlohmann_json::nlohmann_json)
  # Our own parsers of mesh files share one source: name:function:header
  set(fuzz_parsers su2:parse_su2:su2 abaqus:parse_abaqus:abaqus
      legacy_vtk:parse_legacy_vtk:legacy_vtk stl:parse_stl:surface off:parse_off:surface ply:parse_ply:surface
      obj:parse_obj:surface)
  foreach(parser ${fuzz_parsers})
    string(REPLACE ":" ";" parser ${parser})
    list(GET parser 0 name)
    list(GET parser 1 function)
    list(GET parser 2 header)
    add_executable(fuzz_${name} ${CMAKE_CURRENT_LIST_DIR}/fuzz/fuzz_mesh.cpp)
    target_compile_definitions(fuzz_${name} PRIVATE PARSE=${function} HEADER="io/${header}.h")
    list(APPEND fuzz_mesh_names ${name})
  endforeach()
  foreach(name foam msh safetensors tfrecord)
    add_executable(fuzz_${name} ${CMAKE_CURRENT_LIST_DIR}/fuzz/fuzz_${name}.cpp)
  endforeach()
  foreach(name foam msh safetensors tfrecord ${fuzz_mesh_names})
    target_link_libraries(fuzz_${name} PRIVATE cotan_fuzz)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer,address,undefined)
    add_test(NAME fuzz.corpus_${name} COMMAND fuzz_${name} -runs=0 ${CMAKE_CURRENT_LIST_DIR}/fuzz/corpus/${name})
    set_tests_properties(fuzz.corpus_${name} PROPERTIES LABELS fuzz)
  endforeach()
endif()
