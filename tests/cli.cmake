# The program from outside: exit codes, messages, files. One CTest test a file of tests/cli.
file(GLOB cli_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cli/test_*.py)
foreach(file ${cli_tests})
  get_filename_component(name ${file} NAME_WE)
  string(REPLACE "test_" "" name ${name})
  add_test(NAME cli.${name} COMMAND ${Python3_EXECUTABLE} -B ${file})
  set_tests_properties(cli.${name} PROPERTIES LABELS cli TIMEOUT 300
    ENVIRONMENT "COTAN=$<TARGET_FILE:cotan_cli>;COTAN_SOURCE_DIR=${CMAKE_SOURCE_DIR};OMP_NUM_THREADS=1")
endforeach()
add_test(NAME cli.docs
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/cli/update_docs.py --check $<TARGET_FILE:cotan_cli>)
set_tests_properties(cli.docs PROPERTIES LABELS cli)
