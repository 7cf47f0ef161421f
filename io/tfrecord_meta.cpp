#include "io/tfrecord_meta.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/check.h"
#include "io/json.h"

namespace cotan {
namespace {

using Json = nlohmann::json;
using Kind = TfrecordFeature::Kind;

constexpr std::array<std::pair<const char*, Kind>, 3> kKinds = {
    {{"static", Kind::fixed}, {"dynamic", Kind::dynamic}, {"dynamic_varlen", Kind::varlen}}};
constexpr std::array<std::pair<const char*, DType>, 4> kTypes = {
    {{"float32", DType::f32}, {"int32", DType::i32}, {"float64", DType::f64}, {"int64", DType::i64}}};
constexpr std::size_t kMostFeatures = 1000;
constexpr std::int64_t kMostComponents = 1'000'000, kMostRows = 2'147'483'647, kMostFrames = 2'147'483'647;

std::string within(const std::string& where, const std::string& key) {
  return where + (where.ends_with(": ") ? "" : ".") + key;
}

const Json& require_key(const Json& object, const char* key, const std::string& where) {
  const auto found = object.find(key);
  if (found != object.end()) return *found;
  std::vector<std::string> keys;
  for (const auto& entry : object.items()) keys.push_back(shown(entry.key()));
  throw InputError(within(where, key) + " is missing; there are: " + join(keys));
}

std::string text_at(const Json& object, const char* key, const std::string& where) {
  const Json& value = require_key(object, key, where);
  COTAN_REQUIRE(value.is_string(), within(where, key) << ": found " << shown(value) << ", expected a text");
  return value.get<std::string>();
}

/// A whole number from `low` to `high`.
std::int64_t whole(const Json& value, std::int64_t low, std::int64_t high, const std::string& where) {
  const bool is_whole =
      value.is_number_integer() && (!value.is_number_unsigned() || value.get<std::uint64_t>() <= 1ull << 62);
  COTAN_REQUIRE(is_whole && value.get<std::int64_t>() >= low && value.get<std::int64_t>() <= high,
                where << ": found " << shown(value) << ", expected a whole number from " << low << " to " << high);
  return value.get<std::int64_t>();
}

template <class Table>
auto word_from(const Table& table, const std::string& word, const char* what, const std::string& where) {
  std::vector<std::string> words;
  for (const auto& [name, value] : table) {
    if (word == name) return value;
    words.emplace_back(name);
  }
  throw InputError(where + ": " + unknown_name(what, shown(word), words));
}

// Some published files say "<dtype: 'float32'>".
std::string bare_type(const std::string& word) {
  const auto first = word.find('\''), last = word.rfind('\'');
  return word.starts_with("<dtype:") && first < last ? word.substr(first + 1, last - first - 1) : word;
}

// The first extent: frames, as often as the kind says.
void check_frames(std::int64_t found, const TfrecordFeature& feature, std::int64_t length, const std::string& where) {
  const std::int64_t expected = feature.kind == Kind::fixed ? 1 : length;
  COTAN_REQUIRE(found == -1 || found == expected || feature.kind == Kind::varlen,
                where << "[0] is " << found << ", expected " << expected
                      << (feature.kind == Kind::fixed ? " (the type is static)" : " (trajectory_length)"));
}

// (frames, rows, components); (rows, components) where the length varies
void read_shape(const Json& shape, TfrecordFeature& feature, std::int64_t length, const std::string& where) {
  const bool flat = feature.kind == Kind::varlen && shape.is_array() && shape.size() == 2;
  COTAN_REQUIRE(shape.is_array() && (flat || shape.size() == 3),
                where << ": found " << shown(shape) << ", expected a list of " << (flat ? "two or " : "")
                      << "three numbers: frames, rows, components");
  std::vector<std::int64_t> extents;
  for (std::size_t k = 0; k < shape.size(); ++k) {
    const std::string place = where + "[" + std::to_string(k) + "]";
    const bool is_last = k + 1 == shape.size();
    COTAN_REQUIRE(is_last || shape[k] != 0, place << ": found 0, expected -1 (any) or more than 0");
    extents.push_back(whole(shape[k], is_last ? 1 : -1, is_last ? kMostComponents : kMostRows, place));
  }
  if (!flat) check_frames(extents[0], feature, length, where);
  feature.components = extents.back();
  if (feature.kind != Kind::varlen) feature.rows = extents[1];
}

TfrecordFeature read_feature(const std::string& name, const Json& object, std::int64_t length,
                             const std::string& where) {
  COTAN_REQUIRE(object.is_object(), where << ": found " << shown(object) << ", expected {type, shape, dtype}");
  TfrecordFeature feature;
  feature.name = name;
  feature.kind = word_from(kKinds, text_at(object, "type", where), "type", where + ".type");
  feature.dtype = word_from(kTypes, bare_type(text_at(object, "dtype", where)), "dtype", where + ".dtype");
  read_shape(require_key(object, "shape", where), feature, length, where + ".shape");
  return feature;
}

// The features in the order of field_names, those that it leaves out behind them.
void order_features(const Json& names, std::vector<TfrecordFeature>& features, const std::string& where) {
  COTAN_REQUIRE(names.is_array(), where << ": found " << shown(names) << ", expected a list of names");
  std::size_t next = 0;
  for (const Json& name : names) {
    COTAN_REQUIRE(name.is_string(), where << ": found " << shown(name) << ", expected a name");
    const auto found = std::find_if(features.begin() + std::ptrdiff_t(next), features.end(),
                                    [&](const auto& f) { return f.name == name.get_ref<const std::string&>(); });
    if (found == features.end()) continue;  // lengths stand in this list only
    std::rotate(features.begin() + std::ptrdiff_t(next), found, found + 1);
    ++next;
  }
}

}  // namespace

std::string length_name(const std::string& feature) {
  return "length_" + feature;
}

TfrecordMeta parse_tfrecord_meta(std::string_view text, const std::string& source) {
  const Json json = parse_json(text, source, "text", 8);
  const std::string where = source + ": ";
  COTAN_REQUIRE(json.is_object(), where << "found " << shown(json) << ", expected an object in { }");
  TfrecordMeta meta;
  meta.length = whole(require_key(json, "trajectory_length", where), 1, kMostFrames, where + "trajectory_length");
  const Json& dt = require_key(json, "dt", where);
  COTAN_REQUIRE(dt.is_number() && dt.get<double>() >= 0 && std::isfinite(dt.get<double>()),
                where << "dt: found " << shown(dt) << ", expected a number [s], 0 where frames have no times");
  meta.dt = dt.get<double>();
  const Json& features = require_key(json, "features", where);
  COTAN_REQUIRE(features.is_object(), where << "features: found " << shown(features) << ", expected an object in { }");
  COTAN_REQUIRE(features.size() <= kMostFeatures, where << "features: " << features.size() << " of them");
  for (const auto& [name, value] : features.items()) {
    meta.features.push_back(read_feature(name, value, meta.length, where + "features." + name));
  }
  if (json.contains("field_names")) order_features(json["field_names"], meta.features, where + "field_names");
  return meta;
}

std::string tfrecord_meta_text(const TfrecordMeta& meta) {
  const auto word = [](const auto& table, auto value) {
    return std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.second == value; })->first;
  };
  nlohmann::ordered_json features = nlohmann::ordered_json::object(), names = nlohmann::ordered_json::array();
  for (const auto& f : meta.features) {
    const std::int64_t frames = f.kind == Kind::fixed ? 1 : meta.length;
    std::vector<std::int64_t> extents = {frames, f.rows, f.components};
    if (f.kind == Kind::varlen) extents.erase(extents.begin());
    features[f.name] = {{"type", word(kKinds, f.kind)}, {"shape", extents}, {"dtype", word(kTypes, f.dtype)}};
    names.push_back(f.name);
    if (f.kind == Kind::varlen) names.push_back(length_name(f.name));
  }
  const nlohmann::ordered_json json = {{"simulator", "cotan"},
                                       {"dt", meta.dt},
                                       {"features", features},
                                       {"field_names", names},
                                       {"trajectory_length", meta.length}};
  return json.dump(1) + "\n";
}

}  // namespace cotan
