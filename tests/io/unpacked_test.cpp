// Small files that unpack to much: refused before memory is asked for.
#include "io/unpacked.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>

#include "build_config.h"
#include "core/files.h"
#include "io/array_file.h"
#include "io/gzip.h"
#include "io/mapped_archive.h"
#include "io/npz.h"
#include "io/vtk.h"
#include "tests/io/io_support.h"
#include "tests/io/npz_bytes.h"

#if COTAN_HAS_HDF5
#include <hdf5.h>
#include <zlib.h>
#endif

namespace cotan {
namespace {

using namespace testing_io;
namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

[[maybe_unused]] double peak_megabytes() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return double(used.ru_maxrss) / 1024;
}

#if COTAN_HAS_HDF5

// Zeros (rows, columns) of which each chunk is a packed block of `chunk_rows`: written as they are packed, once.
void write_zeros(const fs::path& path, hsize_t rows, hsize_t columns, hsize_t chunk_rows) {
  const std::vector<double> zeros(chunk_rows * columns);
  std::vector<Bytef> packed(compressBound(uLong(zeros.size() * 8)));
  uLongf size = packed.size();
  compress2(packed.data(), &size, reinterpret_cast<const Bytef*>(zeros.data()), uLong(zeros.size() * 8), 1);
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t extent[2] = {rows, columns}, chunk[2] = {chunk_rows, columns};
  const hid_t space = H5Screate_simple(2, extent, nullptr), plan = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(plan, 2, chunk);
  H5Pset_deflate(plan, 1);
  const hid_t data = H5Dcreate2(file, "zeros", H5T_IEEE_F64LE, space, H5P_DEFAULT, plan, H5P_DEFAULT);
  for (hsize_t first = 0; first < rows; first += chunk_rows) {
    const hsize_t at[2] = {first, 0};
    H5Dwrite_chunk(data, H5P_DEFAULT, 0, at, size, packed.data());
  }
  H5Dclose(data);
  H5Pclose(plan);
  H5Sclose(space);
  H5Fclose(file);
}

TEST(Unpacked, PackedDatasetsAreReadInPartsButNotWhole) {
  const fs::path path = fresh_folder("hdf5") / "zeros.h5";
  write_zeros(path, 1u << 17, 1000, 1u << 10);  // 1 GiB in 128 chunks of 8 MB
  ASSERT_LT(fs::file_size(path), 5u << 20);
  const auto file = open_hdf5_arrays(path);
  const double before = peak_megabytes();
  EXPECT_THAT(error_of([&] { file->read_doubles("zeros"); }),
              AllOf(HasSubstr("zeros.h5"), HasSubstr("unpacks to 1048576000 bytes"), HasSubstr("h5repack")));
  EXPECT_LT(peak_megabytes(), before + 100);
  std::vector<double> part(2000, 1);
  file->read_rows("zeros", 1000, 2, DType::f64, part.data());
  EXPECT_EQ(part, std::vector<double>(2000, 0));
}

// The library unpacks a chunk whole, however few rows are asked for.
TEST(Unpacked, ChunksThatUnpackToMuchAreRefused) {
  const fs::path path = fresh_folder("chunk") / "chunk.h5";
  write_zeros(path, 1u << 16, 1000, 1u << 16);  // 524 MB in one chunk
  const auto file = open_hdf5_arrays(path);
  std::vector<double> row(1000);
  const double before = peak_megabytes();
  EXPECT_THAT(error_of([&] { file->read_rows("zeros", 0, 1, DType::f64, row.data()); }),
              HasSubstr("unpacks to 524288000 bytes at once"));
  EXPECT_LT(peak_megabytes(), before + 100);
}

TEST(Unpacked, ArraysOfNumPyThatDeclareMuch) {
  std::string bytes = small_npz(true);
  const auto declare = [&](const char* magic, std::size_t at) {  // sizes of the first array, there and in the directory
    const std::string size = little_endian(300u << 20, 4);
    bytes.replace(bytes.find(magic) + at, 4, size);
  };
  declare("PK\x03\x04", 22);
  declare("PK\x01\x02", 24);
  EXPECT_THAT(error_of([&] { open_npz(ByteSource::memory(std::as_bytes(std::span(bytes)), "bomb.npz")); }),
              AllOf(HasSubstr("bomb.npz"), HasSubstr("numpy.savez")));
}

// One member of a gzip file.
std::string gzipped(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);  // 16: gzip's header
  std::string out(deflateBound(&stream, uLong(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = uInt(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Unpacked, MembersOfAGzipFileFollowEachOther) {
  std::string all, packed;
  for (const std::size_t size : {1u, 0u, 4095u, 4096u, 4097u, 1u << 20, (1u << 20) + 1, 0u}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = char(i * i >> 3);
    all += bytes;
    packed += gzipped(bytes);
    EXPECT_EQ(unpack_gzip(packed, "some.gz"), all) << size;
  }
  EXPECT_THAT(error_of([&] { unpack_gzip(packed.substr(0, packed.size() - 1), "cut.gz"); }),
              HasSubstr("cut or corrupt"));
}

#endif
#if COTAN_HAS_VTK

// Arrays that are each within bounds, and are not together.
TEST(Unpacked, ArraysOfAVtuFileTogether) {
  const fs::path path = fresh_folder("vtu") / "bomb.vtu";
  const std::size_t points = 8'000'000, block = points * 3 * 8;
  std::string data;
  for (const std::size_t word : {std::size_t(1), block, block, std::size_t(200'000)}) data += little_endian(word, 8);
  data += std::string(200'000, 'x');
  std::string text =
      "<VTKFile type=\"UnstructuredGrid\" byte_order=\"LittleEndian\" header_type=\"UInt64\" "
      "compressor=\"vtkZLibDataCompressor\">\n<UnstructuredGrid>\n<Piece NumberOfPoints=\"8000000\" "
      "NumberOfCells=\"0\">\n<PointData>\n";
  for (const char* name : {"a", "b", "c"})
    text += std::string("<DataArray type=\"Float64\" NumberOfComponents=\"3\" Name=\"") + name +
            "\" format=\"appended\" offset=\"0\"/>\n";
  text +=
      "</PointData>\n<Points><DataArray type=\"Float64\" NumberOfComponents=\"3\" format=\"appended\" "
      "offset=\"0\"/></Points>\n<Cells/>\n</Piece>\n</UnstructuredGrid>\n<AppendedData encoding=\"raw\">_";
  std::ofstream(path, std::ios::binary) << text << data << "</AppendedData>\n</VTKFile>\n";
  const double before = peak_megabytes();
  EXPECT_THAT(error_of([&] { read_vtu(path); }), AllOf(HasSubstr("bomb.vtu"), HasSubstr("unpacks"), HasSubstr("'b'")));
  EXPECT_LT(peak_megabytes(), before + 100);
}

#endif

}  // namespace
}  // namespace cotan
