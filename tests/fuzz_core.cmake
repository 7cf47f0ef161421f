# With COTAN_FUZZ (clang): libFuzzer targets of the parsers in core, of host sources alone. tests/core/fuzz_test.cpp
# runs a fixed campaign in every build.
#   build/fuzz/bin/fuzz_config -max_total_time=300 DIR tests/fuzz/corpus/config
if(COTAN_FUZZ)
  set(core_fuzz_sources check config config_read config_write expression expression_parse files)
  list(TRANSFORM core_fuzz_sources PREPEND ${CMAKE_SOURCE_DIR}/core/)
  list(TRANSFORM core_fuzz_sources APPEND .cpp)
  add_library(cotan_fuzz_core OBJECT ${core_fuzz_sources})
  target_compile_options(cotan_fuzz_core PUBLIC -g -O1 -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=undefined)
  target_link_libraries(cotan_fuzz_core PUBLIC cotan_base yaml-cpp)
  foreach(name expression config)
    add_executable(fuzz_${name} ${CMAKE_CURRENT_LIST_DIR}/fuzz/fuzz_${name}.cpp)
    target_link_libraries(fuzz_${name} PRIVATE cotan_fuzz_core)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer,address,undefined)
    add_test(NAME fuzz.corpus_${name} COMMAND fuzz_${name} -runs=0 ${CMAKE_CURRENT_LIST_DIR}/fuzz/corpus/${name})
    set_tests_properties(fuzz.corpus_${name} PROPERTIES LABELS fuzz)
  endforeach()
endif()
