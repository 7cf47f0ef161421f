# An installation that a stranger's find_package(cotan) builds on.
add_test(NAME install.consumer COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/install/check.sh ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR})
set_tests_properties(install.consumer PROPERTIES LABELS install TIMEOUT 600)
