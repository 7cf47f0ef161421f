# What other programs read of what we write, by their Python packages; skipped, visibly, where pip finds none.
if(COTAN_HDF5)
  add_executable(write_vtkhdf ${CMAKE_CURRENT_SOURCE_DIR}/python/write_vtkhdf.cpp)
  target_link_libraries(write_vtkhdf PRIVATE cotan cotan_base)
  add_test(NAME verification.vtkhdf_in_vtk
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/python/check_vtkhdf.sh $<TARGET_FILE:write_vtkhdf> ${CMAKE_BINARY_DIR}/python_vtk)
  set_tests_properties(verification.vtkhdf_in_vtk PROPERTIES LABELS verification SKIP_RETURN_CODE 77 TIMEOUT 600)
endif()
