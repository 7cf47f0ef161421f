# The program test_mpi compares every run with the serial one in the same process: 1, 2, 3 and 7 ranks.
if(COTAN_MPI)
  file(GLOB mpi_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/mpi/*_test.cpp)
  add_executable(test_mpi ${mpi_tests} mpi/main.cpp)
  target_link_libraries(test_mpi PRIVATE cotan cotan_base GTest::gtest)
  target_link_libraries(test_mpi PRIVATE cotan_quick)
  cotan_use_pch(test_mpi cotan_pch_tests)
  foreach(ranks 1 2 3 7)
    add_test(NAME mpi.np${ranks}
      COMMAND ${MPIEXEC_EXECUTABLE} --oversubscribe ${MPIEXEC_NUMPROC_FLAG} ${ranks} $<TARGET_FILE:test_mpi>)
    set_tests_properties(mpi.np${ranks} PROPERTIES LABELS "mpi;verification" PROCESSORS ${ranks} TIMEOUT 300
      ENVIRONMENT "OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;OMP_NUM_THREADS=1;OMPI_MCA_mpi_yield_when_idle=1")
  endforeach()
endif()
