# Short trainings with a bound on the error they reach.
cotan_test(learn learn)
add_test(NAME learn.demo COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/learn/test_demo.py)
set_tests_properties(learn.demo PROPERTIES LABELS learn TIMEOUT 1800 PROCESSORS 2
  ENVIRONMENT "COTAN=$<TARGET_FILE:cotan_cli>;COTAN_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
