# Our MSH reader beside Gmsh's own, on files that Gmsh writes.
if(COTAN_GPL)
  cotan_test(gmsh unit)
  target_include_directories(test_gmsh SYSTEM PRIVATE ${GMSH_INCLUDE_DIR})
  target_link_libraries(test_gmsh PRIVATE ${GMSH_LIBRARY})
endif()
