#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "io/vtkhdf_file.h"

/// What the sources over the HDF5 library share, without its types: identifiers are 64-bit integers.
namespace cotan::h5 {

std::string reason();  ///< the most specific line of the library's error stack
/// \throw InputError naming file and object
[[noreturn]] void fail(const File& file, const std::string& object, const std::string& problem);
/// A call's result, where it is one. \throw InputError with `what` and the library's reason
Id checked(std::int64_t id, const File& file, const std::string& object, const std::string& what);
void check(int status, const File& file, const std::string& object, const std::string& what);  ///< \throw InputError

std::int64_t native(DType dtype);                               ///< the library's type
Id open_dataset(const File& file, const std::string& dataset);  ///< \throw InputError: absent, not a dataset
/// \throw InputError: more than four dimensions, more rows than a file can have
std::vector<std::int64_t> shape_of(const Id& dataset, const File& file, const std::string& name);
/// A plan for objects of a kind that carry no times, so that equal runs write equal bytes.
Id without_times(std::int64_t kind);
Id simple_space(const std::vector<std::int64_t>& shape);  ///< a scalar where the shape is empty

}  // namespace cotan::h5
