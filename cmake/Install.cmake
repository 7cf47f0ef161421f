# `cmake --install`: the library, its headers as cotan/<folder>/<name>.h, the program, and find_package(cotan).
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cotan)
install(TARGETS cotan EXPORT cotan-targets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS cotan_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(COTAN_VTK)
  install(TARGETS cotan_draw RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
foreach(folder core mesh integrators io physics gnn)
  install(DIRECTORY ${folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cotan/${folder}
    FILES_MATCHING PATTERN "*.h" PATTERN "json.h" EXCLUDE PATTERN "xdmf_*.h" EXCLUDE)  # need other libraries' headers
endforeach()
install(EXPORT cotan-targets NAMESPACE cotan:: DESTINATION ${config_dir})
configure_package_config_file(cmake/cotan-config.cmake.in ${CMAKE_BINARY_DIR}/cotan-config.cmake
  INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cotan-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/cotan-config.cmake ${CMAKE_BINARY_DIR}/cotan-config-version.cmake
  cmake/LibTorch.cmake DESTINATION ${config_dir})
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
