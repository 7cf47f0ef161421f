# The vector kernels of gnn/ once more by each instruction set; unit.gnn has run the best that there is. Skipped where the
# processor lacks one.
foreach(set avx2 portable)
  add_test(NAME unit.gnn_${set} COMMAND test_gnn --gtest_filter=FusedMlp*:RowLinear*:MeshGraphNet*)
  set_tests_properties(unit.gnn_${set} PROPERTIES LABELS unit TIMEOUT 300 ENVIRONMENT COTAN_KERNELS=${set}
    SKIP_REGULAR_EXPRESSION "unknown kernels")
endforeach()
