# LibTorch as the interface target ${COTAN_TORCH_TARGET}: the user's own (CMAKE_PREFIX_PATH or Torch_DIR), else the wheel that
# scripts/setup.sh put into .venv. Linked by hand (libtorch_cpu, libc10): TorchConfig.cmake of a CUDA wheel stops
# without a CUDA toolkit, and Debian's own libtorch-dev must not be picked up beside the wheel.
set(candidates "")
string(REPLACE ":" ";" prefixes "$ENV{CMAKE_PREFIX_PATH}")
foreach(prefix IN LISTS CMAKE_PREFIX_PATH prefixes)  # the last of these is torch.utils.cmake_prefix_path
  list(APPEND candidates ${prefix} ${prefix}/torch ${prefix}/../..)
endforeach()
if(Torch_DIR)
  list(APPEND candidates ${Torch_DIR}/../../..)
endif()
file(GLOB wheels ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
list(APPEND candidates ${wheels})
set(COTAN_TORCH_ROOT "${COTAN_TORCH_DEFAULT}" CACHE PATH "folder of LibTorch, with include/ and lib/")
if(COTAN_TORCH_ROOT)
  set(candidates ${COTAN_TORCH_ROOT})
endif()
set(torch_root "")
foreach(candidate IN LISTS candidates)
  if(EXISTS ${candidate}/include/torch/csrc/api/include/torch/version.h AND EXISTS ${candidate}/lib/libtorch_cpu.so)
    get_filename_component(torch_root ${candidate} REALPATH)
    break()
  endif()
endforeach()
if(NOT torch_root)
  message(FATAL_ERROR "no LibTorch: run scripts/setup.sh, or name yours by -DCMAKE_PREFIX_PATH=/path/to/libtorch\n"
    "looked in: ${candidates}")
endif()
set(version_header ${torch_root}/include/torch/headeronly/version.h)  # moved there in 2.9
if(NOT EXISTS ${version_header})
  set(version_header ${torch_root}/include/torch/csrc/api/include/torch/version.h)
endif()
file(STRINGS ${version_header} lines REGEX "define TORCH_VERSION_M(AJOR|INOR) ")
string(REGEX MATCH "MAJOR ([0-9]+)" _ "${lines}")
set(major ${CMAKE_MATCH_1})
string(REGEX MATCH "MINOR ([0-9]+)" _ "${lines}")
set(minor ${CMAKE_MATCH_1})
set(torch_version ${major}.${minor})
if(torch_version VERSION_LESS 2.6)
  message(FATAL_ERROR "LibTorch ${torch_version} in ${torch_root}: 2.6 or newer is needed (2.13 is what is tested)")
endif()
message(STATUS "LibTorch ${torch_version}: ${torch_root}")

add_library(${COTAN_TORCH_TARGET} INTERFACE)
target_include_directories(${COTAN_TORCH_TARGET} SYSTEM INTERFACE
  ${torch_root}/include ${torch_root}/include/torch/csrc/api/include)
target_link_libraries(${COTAN_TORCH_TARGET} INTERFACE ${torch_root}/lib/libtorch_cpu.so ${torch_root}/lib/libc10.so)
if(EXISTS ${torch_root}/lib/libtorch_cuda.so)
  # --no-as-needed: the CUDA kernels register themselves when their library is loaded, nobody names a symbol of them
  option(COTAN_CUDA "load LibTorch's CUDA kernels" OFF)
  if(COTAN_CUDA)
    target_link_libraries(${COTAN_TORCH_TARGET} INTERFACE -Wl,--no-as-needed ${torch_root}/lib/libtorch_cuda.so
      ${torch_root}/lib/libc10_cuda.so -Wl,--as-needed)
  endif()
endif()
# at::parallel_for is a template: it runs serially in sources that are compiled without OpenMP, and says nothing.
# The soname is that of LibTorch's own libgomp, so only one pool of threads is loaded.
find_package(OpenMP COMPONENTS CXX)
if(OpenMP_CXX_FOUND)
  target_compile_options(${COTAN_TORCH_TARGET} INTERFACE ${OpenMP_CXX_FLAGS})
  target_link_options(${COTAN_TORCH_TARGET} INTERFACE ${OpenMP_CXX_FLAGS})
endif()
target_link_options(${COTAN_TORCH_TARGET} INTERFACE -Wl,-rpath,${torch_root}/lib)
set(COTAN_TORCH_DIR ${torch_root})
