#include "io/xdmf_item.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numeric>

#include "core/check.h"
#include "core/files.h"
#include "io/archive.h"
#include "io/byte_source.h"

namespace cotan {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::int64_t kMost = std::int64_t{1} << 46;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(kBlanks);
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

template <class T>
std::optional<std::vector<T>> numbers_in(std::string_view text) {
  std::vector<T> out;
  for (auto at = text.find_first_not_of(kBlanks); at != text.npos; at = text.find_first_not_of(kBlanks, at)) {
    const auto end = std::min(text.find_first_of(kBlanks, at), text.size());
    T value{};
    const char* from = text.data() + at + (text[at] == '+' ? 1 : 0);
    const auto [stop, error] = std::from_chars(from, text.data() + end, value);
    if (error != std::errc{} || stop != text.data() + end) return std::nullopt;
    out.push_back(value);
    at = end;
  }
  return out;
}

// Extents whose product is the number of values.
bool in_range(const std::vector<std::int64_t>& shape) {
  double size = 1;
  for (const auto n : shape) {
    if (n < 1 || n > kMost) return false;
    size *= static_cast<double>(n);
  }
  return size <= static_cast<double>(kMost);
}

std::vector<std::int64_t> parse_shape(const XdmfDocument& document, const pugi::xml_node& node) {
  const std::string text = node.attribute("Dimensions").value();
  const auto shape = numbers_in<std::int64_t>(text);
  if (!shape || shape->empty() || shape->size() > 8)
    document.fail(node, "Dimensions '" + text.substr(0, 80) + "', expected whole numbers");
  if (!in_range(*shape)) document.fail(node, "Dimensions '" + text.substr(0, 80) + "' are out of range");
  return *shape;
}

DType parse_dtype(const XdmfDocument& document, const pugi::xml_node& node) {
  std::string kind = xdmf_attribute(node, {"NumberType", "DataType"});
  if (kind.empty()) kind = "float";
  const int bytes = node.attribute("Precision").as_int(kind == "char" || kind == "uchar" ? 1 : 4);
  if (kind == "float" && (bytes == 4 || bytes == 8)) return bytes == 4 ? DType::f32 : DType::f64;
  if (kind == "int" || kind == "uint" || kind == "short" || kind == "ushort") {
    const bool is_signed = kind[0] != 'u';
    if (bytes == 8) return DType::i64;
    if (bytes == 4) return is_signed ? DType::i32 : DType::i64;
    if (bytes == 2 && is_signed) return DType::i16;
    if (bytes == 1) return is_signed ? DType::i8 : DType::u8;
  }
  if ((kind == "char" || kind == "uchar") && bytes == 1) return kind == "char" ? DType::i8 : DType::u8;
  document.fail(node, "numbers '" + kind + "' of " + std::to_string(bytes) + " bytes cannot be read");
}

// "0 0:1 1:1 190:97 190": start, stride, count, size of the whole
h5::Slab parse_block(const XdmfDocument& document, const pugi::xml_node& node, const std::string& text) {
  std::vector<std::vector<std::int64_t>> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(':', at), text.size());
    const auto numbers = numbers_in<std::int64_t>(std::string_view(text).substr(at, end - at));
    if (!numbers) document.fail(node, "block '" + text.substr(0, 80) + "', expected start:stride:count:size");
    parts.push_back(*numbers);
    at = end + 1;
  }
  const bool fits = parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [&](const auto& p) {
                      return p.size() == parts[0].size() && !p.empty();
                    });
  if (!fits) document.fail(node, "block '" + text.substr(0, 80) + "', expected start:stride:count:size");
  return {parts[0], parts[1], parts[2]};
}

void check_slab(const XdmfDocument& document, const pugi::xml_node& node, const XdmfItem& item) {
  double count = 1;
  for (const auto n : item.slab->count) count *= n > 0 ? static_cast<double>(n) : 0;
  if (count != static_cast<double>(item.size())) {
    document.fail(node, "Dimensions say " + std::to_string(item.size()) + " values, but the block has " +
                            std::to_string(static_cast<std::int64_t>(std::min(count, 1e18))));
  }
}

void parse_hdf(XdmfDocument& document, const pugi::xml_node& node, XdmfItem& item) {
  const std::string text = trimmed(node.text().as_string());
  const auto colon = text.find(':');
  if (colon == text.npos || colon + 1 == text.size())
    document.fail(node, "'" + text.substr(0, 80) + "', expected file.h5:/dataset");
  const auto bar = text.find('|', colon);
  item.file = file_inside(document.folder(), trimmed(text.substr(0, colon)), document.where(node));
  item.dataset = trimmed(text.substr(colon + 1, bar == text.npos ? bar : bar - colon - 1));
  while (item.dataset.starts_with("/")) item.dataset.erase(0, 1);
  if (item.dataset.empty()) document.fail(node, "names no dataset");
  if (bar != text.npos) {
    item.slab = parse_block(document, node, text.substr(bar + 1));
    check_slab(document, node, item);
  }
}

std::string item_type(const pugi::xml_node& node) {
  return xdmf_attribute(node, {"ItemType", "Type"});
}

// The first item under it has start, stride and count, the second is what they choose from.
XdmfItem parse_hyperslab(XdmfDocument& document, const pugi::xml_node& node) {
  const auto parts = document.children(node, "DataItem");
  if (parts.size() != 2)
    document.fail(node, std::to_string(parts.size()) + " items, expected a selection and a source");
  for (const auto& part : parts) {  // none in the other: it may be the same one, included again
    if (item_type(part) == "hyperslab") document.fail(part, "a HyperSlab inside a HyperSlab cannot be read");
  }
  XdmfItem source = parse_xdmf_item(document, parts[1]);
  if (source.kind != XdmfItem::Kind::hdf || source.slab)
    document.fail(node, "only a block of an HDF5 dataset can be read");
  const auto numbers = read_xdmf_integers(parse_xdmf_item(document, parts[0]));
  const std::size_t rank = source.shape.size();
  if (numbers.size() != 3 * rank) {
    document.fail(node, std::to_string(numbers.size()) + " numbers choose from " + std::to_string(rank) +
                            " dimensions, expected start, stride and count of each");
  }
  const auto third = [&](std::size_t k) {
    return std::vector<std::int64_t>(numbers.begin() + std::ptrdiff_t(k * rank),
                                     numbers.begin() + std::ptrdiff_t((k + 1) * rank));
  };
  source.slab = h5::Slab{third(0), third(1), third(2)};
  if (!in_range(source.slab->count)) document.fail(node, "its count is out of range");
  source.shape = node.attribute("Dimensions") ? parse_shape(document, node) : source.slab->count;
  source.where = document.where(node);
  check_slab(document, node, source);
  return source;
}

HostTensor read_hdf(const XdmfItem& item) {
  const auto lock = h5::hold();
  const h5::File file = h5::open_file(item.file);
  const h5::Info about = h5::info(file, item.dataset);
  const std::string shown = item.where + ": " + item.file.string() + ": " + item.dataset;
  COTAN_REQUIRE(about.dtype, shown << ": no numbers");
  HostTensor out{*about.dtype, item.shape, {}};
  h5::Slab slab{std::vector<std::int64_t>(about.shape.size(), 0), std::vector<std::int64_t>(about.shape.size(), 1),
                about.shape};
  if (item.slab) slab = *item.slab;
  double count = 1;
  for (const auto n : slab.count) count *= static_cast<double>(n);
  COTAN_REQUIRE(count == static_cast<double>(item.size()),
                shown << ": " << count << " values, but Dimensions say " << item.size());
  // Before memory is asked for: no more than the dataset, whose own extents were checked against the file.
  COTAN_REQUIRE(count <= static_cast<double>(about.rows()) * static_cast<double>(about.columns()),
                shown << ": a block of " << count << " values of fewer");
  h5::check_window(file, item.dataset, item.size(), 1);
  out.bytes.resize(static_cast<std::size_t>(item.size()) * size_of(out.dtype));
  if (about.shape.empty()) {
    h5::read_rows(file, item.dataset, 0, 1, 1, out.dtype, out.bytes.data());
  } else {
    h5::read_slab(file, item.dataset, slab, out.dtype, out.bytes.data());
  }
  return out;
}

HostTensor read_text(const XdmfItem& item) {
  HostTensor out{item.dtype == DType::f32 || item.dtype == DType::f64 ? DType::f64 : DType::i64, item.shape, {}};
  const auto keep = [&](const auto& values) {
    COTAN_REQUIRE(values, item.where << ": holds other things than numbers");
    COTAN_REQUIRE(std::ssize(*values) == item.size(),
                  item.where << ": " << values->size() << " values, but Dimensions say " << item.size());
    const auto bytes = std::as_bytes(std::span(*values));
    out.bytes.assign(bytes.begin(), bytes.end());
  };
  out.dtype == DType::f64 ? keep(numbers_in<double>(item.text)) : keep(numbers_in<std::int64_t>(item.text));
  return out;
}

HostTensor read_binary(const XdmfItem& item) {
  const ByteSource source = ByteSource::file(item.file);
  const std::int64_t width = static_cast<std::int64_t>(size_of(item.dtype)), bytes = item.size() * width;
  const auto there = static_cast<std::int64_t>(source.size());
  COTAN_REQUIRE(item.seek >= 0 && item.seek <= there && bytes <= there - item.seek,
                item.where << ": " << bytes << " bytes from " << item.seek << " of " << item.file.string()
                           << ", which has " << there);
  HostTensor out{item.dtype, item.shape, std::vector<std::byte>(static_cast<std::size_t>(bytes))};
  source.read(static_cast<std::uint64_t>(item.seek), out.bytes);
  if (item.big_endian == (std::endian::native == std::endian::little)) {
    for (std::int64_t i = 0; i < bytes; i += width) std::reverse(out.bytes.begin() + i, out.bytes.begin() + i + width);
  }
  return out;
}

}  // namespace

std::int64_t XdmfItem::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

bool XdmfItem::same_place(const XdmfItem& other) const {
  return kind == other.kind && shape == other.shape && file == other.file && dataset == other.dataset &&
         slab == other.slab && text == other.text && seek == other.seek && big_endian == other.big_endian;
}

XdmfItem parse_xdmf_item(XdmfDocument& document, const pugi::xml_node& node) {
  const std::string kind = item_type(node), format = xdmf_attribute(node, {"Format"});
  if (kind == "hyperslab") return parse_hyperslab(document, node);
  if (!kind.empty() && kind != "uniform") {
    document.fail(node, "ItemType '" + kind + "' cannot be read; Uniform and HyperSlab can");
  }
  XdmfItem item;
  item.where = document.where(node);
  item.shape = parse_shape(document, node);
  item.dtype = parse_dtype(document, node);
  if (format == "hdf" || format == "hdf5") {
    item.kind = XdmfItem::Kind::hdf;
    parse_hdf(document, node, item);
  } else if (format == "xml" || format.empty()) {
    item.text = node.text().as_string();
  } else if (format == "binary") {
    item.kind = XdmfItem::Kind::binary;
    item.file = file_inside(document.folder(), trimmed(node.text().as_string()), item.where);
    item.seek = node.attribute("Seek").as_llong(0);
    item.big_endian = xdmf_attribute(node, {"Endian"}) == "big";
    const std::string packed = xdmf_attribute(node, {"Compression"});
    if (!packed.empty() && packed != "raw") document.fail(node, "Compression '" + packed + "' cannot be read");
  } else {
    document.fail(node, "Format '" + format + "', expected HDF, XML or Binary");
  }
  return item;
}

HostTensor read_xdmf_item(const XdmfItem& item) {
  switch (item.kind) {
    case XdmfItem::Kind::hdf:
      return read_hdf(item);
    case XdmfItem::Kind::binary:
      return read_binary(item);
    case XdmfItem::Kind::text:
      break;
  }
  return read_text(item);
}

std::vector<double> read_xdmf_doubles(const XdmfItem& item) {
  return as_doubles(read_xdmf_item(item));
}

std::vector<std::int64_t> read_xdmf_integers(const XdmfItem& item) {
  std::vector<std::int64_t> out;
  for (const double value : read_xdmf_doubles(item)) {
    COTAN_REQUIRE(value == std::floor(value) && std::abs(value) <= 9007199254740992.0,
                  item.where << ": found " << value << ", expected whole numbers");
    out.push_back(static_cast<std::int64_t>(value));
  }
  return out;
}

}  // namespace cotan
