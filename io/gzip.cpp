#include "io/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "core/check.h"
#include "io/unpacked.h"

namespace cotan {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20, kFirst = 1 << 12;

class Inflating {
 public:
  Inflating() {
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) throw Error("zlib cannot start");  // 16: gzip's header
  }
  ~Inflating() { inflateEnd(&stream_); }
  Inflating(const Inflating&) = delete;
  Inflating& operator=(const Inflating&) = delete;
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

}  // namespace

std::string unpack_gzip(std::string_view packed, const std::string& name) {
  const std::uint64_t most = most_unpacked(packed.size());
  Inflating inflating;
  z_stream& stream = inflating.stream();
  std::string out;
  std::size_t size = 0;
  for (;;) {
    if (stream.avail_in == 0) {
      const std::size_t part = std::min(packed.size(), kChunk);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
      stream.avail_in = static_cast<uInt>(part);
      packed.remove_prefix(part);
    }
    if (size == out.size()) out.resize(std::min<std::uint64_t>(std::max<std::uint64_t>(2 * size, kFirst), most + 1));
    const std::size_t room = std::min(out.size() - size, kChunk);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + size);
    stream.avail_out = static_cast<uInt>(room);
    const int status = inflate(&stream, Z_NO_FLUSH);
    size += room - stream.avail_out;
    COTAN_REQUIRE(status == Z_OK || status == Z_STREAM_END, name << ": packed data are cut or corrupt");
    COTAN_REQUIRE(size <= most, name << ": unpacks to more than " << most << " bytes; unpack it first, if it is sound");
    if (status != Z_STREAM_END) continue;
    if (stream.avail_in == 0 && packed.empty()) break;
    if (inflateReset(&stream) != Z_OK) throw Error("zlib cannot start again");  // members may follow each other
  }
  out.resize(size);
  return out;
}

}  // namespace cotan
