# Weights from PyTorch, where .venv has it.
set(python_of_tests ${CMAKE_SOURCE_DIR}/.venv/bin/python)
if(NOT EXISTS ${python_of_tests})
  set(python_of_tests ${Python3_EXECUTABLE})
endif()
if(COTAN_HDF5 AND COTAN_VTK)
  add_test(NAME verification.import_weights COMMAND ${python_of_tests} -B ${CMAKE_CURRENT_SOURCE_DIR}/python/import_weights.py
    $<TARGET_FILE:cotan_cli> ${CMAKE_SOURCE_DIR})
  set_tests_properties(verification.import_weights PROPERTIES LABELS verification SKIP_RETURN_CODE 77 TIMEOUT 300)
endif()
if(COTAN_VTK)
  add_test(NAME verification.meshes_in_others COMMAND ${python_of_tests} -B ${CMAKE_CURRENT_SOURCE_DIR}/python/read_meshes.py
    $<TARGET_FILE:cotan_cli>)
  set_tests_properties(verification.meshes_in_others PROPERTIES LABELS verification SKIP_RETURN_CODE 77 TIMEOUT 300)
endif()
if(COTAN_VTK)
  add_test(NAME verification.openfoam_in_vtk COMMAND ${python_of_tests} -B ${CMAKE_CURRENT_SOURCE_DIR}/python/read_foam.py
    $<TARGET_FILE:cotan_cli> ${CMAKE_SOURCE_DIR}/../shared/data)
  set_tests_properties(verification.openfoam_in_vtk PROPERTIES LABELS verification SKIP_RETURN_CODE 77 TIMEOUT 300)
endif()
# What other programs read of what we write, by their Python packages; skipped, visibly, where pip finds none.
if(COTAN_HDF5)
  add_executable(write_vtkhdf ${CMAKE_CURRENT_SOURCE_DIR}/python/write_vtkhdf.cpp)
  target_link_libraries(write_vtkhdf PRIVATE cotan cotan_base)
  add_test(NAME verification.vtkhdf_in_vtk
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/python/check_vtkhdf.sh $<TARGET_FILE:write_vtkhdf> ${CMAKE_BINARY_DIR}/python_vtk)
  set_tests_properties(verification.vtkhdf_in_vtk PROPERTIES LABELS verification SKIP_RETURN_CODE 77 TIMEOUT 600)
endif()

# The archives of MeshGraphNets against a reader in plain Python, on data that stand beside the repository on some machines.
find_package(ZLIB REQUIRED)  # crc32 of the values read
add_executable(read_tfrecord ${CMAKE_CURRENT_SOURCE_DIR}/python/read_tfrecord.cpp)
target_link_libraries(read_tfrecord PRIVATE cotan cotan_base ZLIB::ZLIB)
add_test(NAME verification.tfrecord_in_python
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/python/check_tfrecord.py $<TARGET_FILE:read_tfrecord>
    ${CMAKE_SOURCE_DIR}/../shared/data/cylinder_flow)
set_tests_properties(verification.tfrecord_in_python PROPERTIES LABELS verification SKIP_RETURN_CODE 77 TIMEOUT 300)
add_test(NAME golden.tfrecord_samples
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/python/tfrecord.py check ${CMAKE_CURRENT_SOURCE_DIR}/data)
set_tests_properties(golden.tfrecord_samples PROPERTIES LABELS golden)
