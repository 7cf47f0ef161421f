// Zip as in https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, arrays as in numpy.lib.format
#include "io/npz.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "core/check.h"
#include "io/convert_values.h"
#include "io/unpacked.h"

namespace cotan {
namespace {

constexpr std::uint64_t kMostDirectory = std::uint64_t{1} << 26;  // bytes
constexpr std::uint64_t kMostHeader = 1 << 16;

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << 8 * i;
  return value;
}

/// Where a member of the zip lies.
struct Member {
  std::uint64_t offset = 0, packed = 0, size = 0;
  bool deflated = false;
};

/// Gives a member's bytes one after another.
class MemberStream {
 public:
  MemberStream(const ByteSource& source, const Member& member) : source_(source), member_(member) {
    if (!member.deflated) return;
    if (inflateInit2(&inflating_, -MAX_WBITS) != Z_OK) throw Error("zlib cannot start");
    is_open_ = true;
  }
  ~MemberStream() {
    if (is_open_) inflateEnd(&inflating_);
  }
  MemberStream(const MemberStream&) = delete;
  MemberStream& operator=(const MemberStream&) = delete;

  void skip(std::uint64_t bytes) {
    if (!member_.deflated) {
      at_ += bytes;
      return;
    }
    std::vector<std::byte> dropped(std::min<std::uint64_t>(bytes, 1 << 16));
    for (; bytes > 0; bytes -= std::min<std::uint64_t>(bytes, dropped.size()))
      read(std::span(dropped).first(std::min<std::uint64_t>(bytes, dropped.size())));
  }

  void read(std::span<std::byte> to) {
    if (to.empty()) return;
    if (!member_.deflated) {
      COTAN_REQUIRE(at_ <= member_.size && to.size() <= member_.size - at_,
                    source_.name() << ": an array ends early: cut or corrupt");
      source_.read(member_.offset + at_, to);
      at_ += to.size();
      return;
    }
    inflating_.next_out = reinterpret_cast<Bytef*>(to.data());
    for (std::size_t left = to.size(); left > 0;) {
      const auto room = static_cast<uInt>(std::min<std::size_t>(left, 1 << 30));
      inflating_.avail_out = room;
      if (inflating_.avail_in == 0) refill();
      const int status = inflate(&inflating_, Z_NO_FLUSH);
      left -= room - inflating_.avail_out;
      COTAN_REQUIRE(status == Z_OK || (status == Z_STREAM_END && left == 0), source_.name()
                                                                                 << ": packed data are cut or corrupt");
    }
  }

 private:
  void refill() {
    input_.resize(std::min<std::uint64_t>(member_.packed - taken_, 1 << 16));
    COTAN_REQUIRE(!input_.empty(), source_.name() << ": packed data end early: cut or corrupt");
    source_.read(member_.offset + taken_, std::as_writable_bytes(std::span(input_)));
    taken_ += input_.size();
    inflating_.next_in = reinterpret_cast<Bytef*>(input_.data());
    inflating_.avail_in = static_cast<uInt>(input_.size());
  }

  const ByteSource& source_;
  const Member& member_;
  std::uint64_t at_ = 0, taken_ = 0;
  std::string input_;
  z_stream inflating_{};
  bool is_open_ = false;
};

class Npz : public ArrayFile {
 public:
  explicit Npz(ByteSource file) : source_(std::move(file)) {
    name_ = source_.name();
    for (const auto& [name, member] : read_directory()) {
      if (name.ends_with(".npy")) read_head(name.substr(0, name.size() - 4), member);
    }
    COTAN_REQUIRE(!variables_.empty(), name_ << ": no array (.npy) in the archive");
  }

  void read_rows(const std::string& variable, std::int64_t first, std::int64_t count, DType dtype,
                 void* out) const override {
    const Variable& about = checked(variable, first, count, false);
    const Array& array = arrays_.at(variable);
    const std::uint64_t row = static_cast<std::uint64_t>(about.columns() * array.kind.bytes);
    MemberStream stream(source_, array.member);
    stream.skip(array.head + static_cast<std::uint64_t>(first) * row);
    std::vector<std::byte> bytes(static_cast<std::size_t>(count) * row);
    stream.read(bytes);
    convert_values(bytes, array.kind, dtype, out);
  }

 private:
  struct Array {
    Member member;
    std::uint64_t head;  // bytes before the values
    NumberKind kind;
  };

  [[noreturn]] void fail(const std::string& what) const { throw InputError(name_ + ": " + what); }

  std::string bytes_at(std::uint64_t offset, std::uint64_t size) const {
    if (offset > source_.size() || size > source_.size() - offset) fail("goes on beyond its end: cut or corrupt");
    std::string bytes(size, '\0');
    if (size > 0) source_.read(offset, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }

  // The directory stands at the end, before a comment of at most 64 kB.
  std::map<std::string, Member> read_directory() const {
    const std::uint64_t tail = std::min<std::uint64_t>(source_.size(), 65557);
    const std::string end = bytes_at(source_.size() - tail, tail);
    const auto at = end.rfind("PK\x05\x06");
    if (at == end.npos || end.size() - at < 22) fail("no directory at its end: no .npz, or cut");
    std::uint64_t count = little_endian(end, at + 10, 2), size = little_endian(end, at + 12, 4),
                  offset = little_endian(end, at + 16, 4);
    if (at >= 20 && end.compare(at - 20, 4, "PK\x06\x07") == 0) {  // more than 4 GB
      const std::string large = bytes_at(little_endian(end, at - 12, 8), 56);
      if (large.compare(0, 4, "PK\x06\x06") != 0) fail("its directory is corrupt");
      count = little_endian(large, 32, 8);
      size = little_endian(large, 40, 8);
      offset = little_endian(large, 48, 8);
    }
    if (size > kMostDirectory || count > size / 46)
      fail("a directory of " + std::to_string(count) + " arrays in " + std::to_string(size) + " bytes");
    const std::string directory = bytes_at(offset, size);
    std::map<std::string, Member> members;
    std::size_t place = 0;
    for (std::uint64_t i = 0; i < count; ++i) place = read_member(directory, place, members);
    return members;
  }

  std::size_t read_member(const std::string& directory, std::size_t at, std::map<std::string, Member>& members) const {
    if (directory.size() - at < 46 || directory.compare(at, 4, "PK\x01\x02") != 0) fail("its directory is corrupt");
    const std::uint64_t name_size = little_endian(directory, at + 28, 2),
                        extra_size = little_endian(directory, at + 30, 2);
    const std::size_t next = at + 46 + name_size + extra_size + little_endian(directory, at + 32, 2);
    if (next > directory.size()) fail("its directory is corrupt");
    const std::string name = directory.substr(at + 46, name_size);
    Member member{little_endian(directory, at + 42, 4), little_endian(directory, at + 20, 4),
                  little_endian(directory, at + 24, 4), false};
    read_extra(std::string_view(directory).substr(at + 46 + name_size, extra_size), member);
    const std::uint64_t method = little_endian(directory, at + 10, 2);
    if ((little_endian(directory, at + 8, 2) & 1) || (method != 0 && method != 8))
      fail("array " + name + " is encrypted or packed in a way that cannot be read");
    member.deflated = method == 8;
    const std::string local = bytes_at(member.offset, 30);
    if (local.compare(0, 4, "PK\x03\x04") != 0) fail("array " + name + " is not where the directory says");
    member.offset += 30 + little_endian(local, 26, 2) + little_endian(local, 28, 2);
    if (member.offset > source_.size() || member.packed > source_.size() - member.offset ||
        (!member.deflated && member.packed != member.size) || member.size > most_unpacked(member.packed)) {
      fail("array " + name + " declares " + std::to_string(member.size) + " bytes, packed into " +
           std::to_string(member.packed) + ", in a file of " + std::to_string(source_.size()) +
           ": cut, corrupt, or packed more than can be read (save it by numpy.savez, if it is sound)");
    }
    if (!members.emplace(name, member).second) fail("array " + name + " stands twice");
    return next;
  }

  // 64-bit sizes, of those that do not fit into 32.
  void read_extra(std::string_view extra, Member& member) const {
    for (std::size_t at = 0; at + 4 <= extra.size();) {
      const std::uint64_t tag = little_endian(extra, at, 2), size = little_endian(extra, at + 2, 2);
      at += 4;
      if (size > extra.size() - at) fail("its directory is corrupt");
      std::size_t place = at;
      for (std::uint64_t* value : {&member.size, &member.packed, &member.offset}) {
        if (tag != 1 || *value != 0xffffffff) continue;
        if (place + 8 > at + size) fail("its directory is corrupt");
        *value = little_endian(extra, place, 8);
        place += 8;
      }
      at += size;
    }
  }

  void read_head(const std::string& name, const Member& member) {
    MemberStream stream(source_, member);
    std::string begin(10, '\0');
    if (member.size < 10) fail("array " + name + " has no header");
    stream.read(std::as_writable_bytes(std::span(begin)));
    if (begin.compare(0, 6, "\x93NUMPY") != 0) fail("array " + name + " does not begin as one of NumPy");
    std::uint64_t head = 10, length = little_endian(begin, 8, 2);
    if (begin[6] != 1) {  // versions 2 and 3 have four bytes
      std::string more(2, '\0');
      stream.read(std::as_writable_bytes(std::span(more)));
      length |= little_endian(more, 0, 2) << 16;
      head = 12;
    }
    if (length > kMostHeader || member.size < head || length > member.size - head)
      fail("array " + name + " has a header of " + std::to_string(length) + " bytes");
    std::string text(length, '\0');
    stream.read(std::as_writable_bytes(std::span(text)));
    add_array(name, text, {member, head + length, {}});
  }

  static std::string value_of(const std::string& text, const std::string& key) {
    const auto at = text.find("'" + key + "'");
    const auto colon = at == text.npos ? text.npos : text.find(':', at);
    if (colon == text.npos) return "";
    const auto first = text.find_first_not_of(' ', colon + 1);
    if (first == text.npos) return "";
    const char closing = text[first] == '(' ? ')' : ',';
    const auto end = text.find(closing, first);
    return end == text.npos ? "" : text.substr(first, end - first + (closing == ')' ? 1 : 0));
  }

  void add_array(const std::string& name, const std::string& text, Array array) {
    std::string descr = value_of(text, "descr");
    std::erase_if(descr, [](char c) { return c == '\'' || c == '"' || c == ' '; });
    if (descr.size() != 3) return;  // texts, records and others that are no fields
    array.kind = {descr[1] == 'b' ? 'u' : descr[1], descr[2] - '0', descr[0] == '>'};
    if (!can_convert(array.kind)) return;
    Variable variable{dtype_of(array.kind), {}};
    const std::string shape = value_of(text, "shape");
    double values = 1;
    for (std::size_t at = shape.find_first_of("0123456789"); at != shape.npos;
         at = shape.find_first_of("0123456789", at)) {
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(shape.data() + at, shape.data() + shape.size(), extent);
      if (error != std::errc{}) fail("array " + name + ": shape " + shape.substr(0, 80));
      variable.shape.push_back(extent);
      values *= static_cast<double>(extent);
      at = static_cast<std::size_t>(end - shape.data());
    }
    if (shape.empty() || variable.shape.size() > 8) fail("array " + name + ": shape '" + shape.substr(0, 80) + "'");
    if (values * array.kind.bytes != static_cast<double>(array.member.size - array.head)) {
      fail("array " + name + ": shape " + shape.substr(0, 80) + " of type " + descr + ", but " +
           std::to_string(array.member.size - array.head) + " bytes");
    }
    if (value_of(text, "fortran_order") == "True" && variable.shape.size() > 1)
      fail("array " + name + " is in Fortran order; save numpy.ascontiguousarray of it");
    variables_[name] = variable;
    arrays_[name] = array;
  }

  ByteSource source_;
  std::map<std::string, Array> arrays_;
};

}  // namespace

std::unique_ptr<ArrayFile> open_npz(ByteSource file) {
  return std::make_unique<Npz>(std::move(file));
}

}  // namespace cotan
