#include "gnn/checkpoint.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <sstream>

#include "core/check.h"
#include "core/fnv1a.h"
#include "gnn/optimiser.h"
#include "gnn/soap.h"

namespace cotan {
namespace {

constexpr const char* kFormat = "cotan checkpoint 1";
constexpr const char* kChecksum = "checksum";
constexpr const char* kModelPrefix = "model.";

constexpr std::array<std::pair<at::ScalarType, DType>, 10> kTypes = {{{at::kDouble, DType::f64},
                                                                      {at::kFloat, DType::f32},
                                                                      {at::kHalf, DType::f16},
                                                                      {at::kBFloat16, DType::bf16},
                                                                      {at::kLong, DType::i64},
                                                                      {at::kInt, DType::i32},
                                                                      {at::kShort, DType::i16},
                                                                      {at::kChar, DType::i8},
                                                                      {at::kByte, DType::u8},
                                                                      {at::kBool, DType::boolean}}};

// A YAML string in double quotes.
std::string yaml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result + '"';
}

// `uses`: of state fields, else null.
void write_fields(std::ostream& out, const char* key, const std::vector<FieldSpec>& fields, const ModelShape* uses) {
  out << key << ":";
  if (fields.empty()) out << " []";
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const FieldSpec& field = fields[f];
    out << "\n  - {name: " << yaml_string(field.name) << ", components: " << field.components
        << ", on: " << to_string(field.on) << ", unit: " << yaml_string(field.unit);
    if (uses) {
      const FieldUse use = uses->use(f);
      out << ", order: " << use.order << ", sees: " << kSeesNames[static_cast<std::size_t>(use.sees)]
          << ", position: " << (use.is_position ? "true" : "false");
    }
    out << "}";
  }
  out << "\n";
}

std::string shape_text(const ModelShape& shape) {
  std::ostringstream out;
  write_fields(out, "state", shape.state, &shape);
  write_fields(out, "inputs", shape.inputs, nullptr);
  out << "parameters: [";
  for (std::size_t i = 0; i < shape.parameters.size(); ++i) out << (i ? ", " : "") << yaml_string(shape.parameters[i]);
  out << "]\ndim: " << shape.dim << "\n";
  return out.str();
}

std::vector<FieldSpec> read_fields(const Config& list, std::vector<FieldUse>* uses) {
  std::vector<FieldSpec> fields;
  for (const Config& item : list.items()) {
    if (uses) {
      item.only_keys({"name", "components", "on", "unit", "order", "sees", "position"});
      uses->push_back(read_field_use(item));
    } else {
      item.only_keys({"name", "components", "on", "unit"});
    }
    const auto on = item.at("on").text();
    COTAN_REQUIRE(on == to_string(On::points), item.where() << ": field on '" << on << "', expected 'point'");
    const auto components = item.at("components").integer();
    COTAN_REQUIRE(components >= 1 && components <= 1000, item.where() << ": " << components << " components");
    fields.push_back({item.at("name").text(), int(components), On::points, item.at("unit").text()});
  }
  return fields;
}

ModelShape read_shape(const Config& config) {
  config.only_keys({"state", "inputs", "parameters", "dim"});
  ModelShape shape;
  shape.state = read_fields(config.at("state"), &shape.uses);
  shape.inputs = read_fields(config.at("inputs"), nullptr);
  for (const Config& name : config.at("parameters").items()) shape.parameters.push_back(name.text());
  const auto dim = config.at("dim").integer();
  COTAN_REQUIRE(dim >= 1 && dim <= 3, config.at("dim").where() << ": " << dim << ", expected 1 to 3");
  shape.dim = static_cast<int>(dim);
  return shape;
}

std::string role_names() {
  std::string text;
  for (const auto name : kRoleNames) text += (text.empty() ? "" : " ") + std::string(name);
  return text;
}

std::string number_text(double x) {
  std::ostringstream out;
  out.precision(17);
  out << x;
  return out.str();
}

// The metadata of a checkpoint, each key needed.
class Metadata {
 public:
  Metadata(const TensorFile& file, const std::string& source) : file_(file), source_(source) {}
  const std::string& text(const std::string& key) const {
    const auto found = file_.metadata.find(key);
    COTAN_REQUIRE(found != file_.metadata.end(),
                  source_ << ": no '" << key << "' in the metadata; is it a checkpoint of ours?");
    return found->second;
  }
  Config yaml(const std::string& key) const { return Config::parse_text(text(key), source_ + " (" + key + ")"); }
  Config value(const std::string& key) const {
    return Config::parse_text(key + ": " + text(key), source_ + " (metadata)").at(key);
  }

 private:
  const TensorFile& file_;
  std::string source_;
};

std::string shape_of(const HostTensor& tensor) {
  std::ostringstream out;
  out << to_string(tensor.dtype) << " (";
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) out << (i ? ", " : "") << tensor.shape[i];
  out << ")";
  return out.str();
}

// The file's tensor of that name. \throw InputError where missing, of another shape or type than `like`, or not finite
at::Tensor tensor_like(const at::Tensor& like, const std::string& name, const TensorFile& file,
                       const std::string& source) {
  const auto found = file.tensors.find(name);
  COTAN_REQUIRE(found != file.tensors.end(), source << ": no tensor '" << name << "', which the model needs");
  const at::Tensor read = from_host(found->second);
  COTAN_REQUIRE(read.sizes() == like.sizes() && read.scalar_type() == like.scalar_type(),
                source << ": tensor '" << name << "' is " << shape_of(found->second) << ", the model needs "
                       << shape_of(to_host(like)));
  COTAN_REQUIRE(at::isfinite(read).all().item<bool>(), source << ": tensor '" << name << "' is not finite");
  return read;
}

// Options and shape are a few words that may ask for any memory: it stays within that of the file's own tensors, but
// for a little, so that a missing tensor is still found by its name.
void require_size(const TensorFile& file, std::int64_t parameters, const std::string& source) {
  std::int64_t stored = 0;
  for (const auto& [name, tensor] : file.tensors)
    stored += static_cast<std::int64_t>(tensor.bytes.size() / size_of(tensor.dtype));
  COTAN_REQUIRE(parameters <= 2 * stored + (1 << 20), source << ": its options ask for " << parameters
                                                             << " parameters, its tensors hold " << stored
                                                             << " numbers");
}

void refuse_unknown(const TensorFile& file, const std::vector<std::string>& known, const std::string& source) {
  for (const auto& [name, tensor] : file.tensors) {
    COTAN_REQUIRE(std::count(known.begin(), known.end(), name), source << ": " << unknown_name("tensor", name, known));
  }
}

void add_state(TensorFile& file, const TrainState& state) {
  file.metadata["step"] = std::to_string(state.step);
  file.metadata["statistics_done"] = state.statistics_done ? "true" : "false";
  file.metadata["stale"] = std::to_string(state.stale);
  file.metadata["best"] = number_text(state.best);
  for (const auto& [name, value] : state.optimiser) file.tensors["optimiser." + name] = to_host(value);
}

// Where training kept running averages, they are the network.
void use_averages(TensorFile& file, const Checkpoint& checkpoint) {
  for (const auto& parameter : checkpoint.model->parameters()) {
    const auto found = checkpoint.state.optimiser.find(average_name(parameter.name));
    if (found != checkpoint.state.optimiser.end())
      file.tensors.at(kModelPrefix + parameter.name) = to_host(found->second);
  }
}

TrainState read_state(const TensorFile& file, const Metadata& metadata, const Model& model, const std::string& source,
                      std::vector<std::string>& known) {
  TrainState state;
  state.step = metadata.value("step").integer();
  COTAN_REQUIRE(state.step >= 0, source << ": step is " << state.step << ", expected 0 or more");
  state.statistics_done = metadata.value("statistics_done").boolean();
  state.stale = metadata.value("stale").integer();
  COTAN_REQUIRE(state.stale >= 0, source << ": stale is " << state.stale << ", expected 0 or more");
  state.best = metadata.value("best").number();
  COTAN_REQUIRE(std::isfinite(state.best), source << ": best is " << state.best << ", expected a finite number");
  const auto read = [&](const std::string& name, const at::Tensor& like) {
    known.push_back("optimiser." + name);
    state.optimiser[name] = tensor_like(like, known.back(), file, source);
  };
  for (const auto& parameter : model.parameters()) {
    const at::Tensor like = parameter.value.detach();
    const auto of_soap = soap_tensors(parameter);
    if (file.tensors.contains("optimiser." + of_soap.front().first)) {
      for (const auto& [name, shape] : of_soap) read(name, at::empty(shape, like.options()));
    } else {
      for (const auto& name : moment_names(parameter.name)) read(name, like);
    }
    const std::string average = average_name(parameter.name);
    if (file.tensors.contains("optimiser." + average)) read(average, parameter.value.detach());
  }
  for (const std::string name : {kNoiseDeviation, kStateDeviation}) {
    if (file.tensors.contains("optimiser." + name)) {
      read(name, at::empty({num_components(model.shape().state)}, at::kDouble));
    }
  }
  return state;
}

// Over all that the file says but the checksum itself.
std::string checksum(const TensorFile& file) {
  Fnv1a hash;
  for (const auto& [key, text] : file.metadata) {
    if (key == kChecksum) continue;
    hash.add(key);
    hash.add(text);
  }
  for (const auto& [name, tensor] : file.tensors) {
    hash.add(name);
    hash.add(shape_of(tensor));
    hash.add(std::span<const std::byte>(tensor.bytes));
  }
  std::ostringstream out;
  out << "fnv1a " << std::hex << hash.value();
  return std::move(out).str();
}

// A file without one, of another program say, is taken as it is.
void require_whole(const TensorFile& file, const std::string& source) {
  const auto found = file.metadata.find(kChecksum);
  COTAN_REQUIRE(found == file.metadata.end() || found->second == checksum(file),
                source << ": damaged: its contents do not have the checksum that was written with them");
}

std::vector<NamedTensor> tensors_of(const Model& model) {
  auto list = model.parameters();
  for (auto& buffer : model.buffers()) list.push_back(std::move(buffer));
  for (auto& entry : list) entry.name = kModelPrefix + entry.name;
  return list;
}

}  // namespace

HostTensor to_host(const at::Tensor& tensor) {
  const at::Tensor source = tensor.detach().to(at::kCPU).contiguous();
  HostTensor host;
  bool known = false;
  for (const auto& [type, dtype] : kTypes) {
    if (type != source.scalar_type()) continue;
    host.dtype = dtype;
    known = true;
  }
  if (!known) throw Error(std::string("no file type for a tensor of ") + source.toString());
  host.shape = source.sizes().vec();
  host.bytes.resize(source.nbytes());
  if (!host.bytes.empty()) std::memcpy(host.bytes.data(), source.data_ptr(), host.bytes.size());
  return host;
}

at::Tensor from_host(const HostTensor& tensor) {
  for (const auto& [type, dtype] : kTypes) {
    if (dtype != tensor.dtype) continue;
    at::Tensor result = at::empty(tensor.shape, type);
    if (result.nbytes() != tensor.bytes.size()) throw Error("host tensor: its bytes do not fit its shape");
    if (!tensor.bytes.empty()) std::memcpy(result.data_ptr(), tensor.bytes.data(), tensor.bytes.size());
    return result;
  }
  throw Error("host tensor of an unknown type");
}

TensorFile pack_checkpoint(const Checkpoint& checkpoint, bool with_state) {
  TensorFile file;
  for (const auto& [name, value] : tensors_of(*checkpoint.model)) file.tensors[name] = to_host(value);
  file.metadata = {{"format", kFormat},
                   {"model", checkpoint.model_name},
                   {"options", checkpoint.model->echo()},
                   {"shape", shape_text(checkpoint.model->shape())},
                   {"roles", role_names()},
                   {"dt", number_text(checkpoint.dt)},
                   {"config", checkpoint.config},
                   {"trained_on", checkpoint.trained_on},
                   {"has_state", with_state ? "true" : "false"}};
  if (with_state) {
    add_state(file, checkpoint.state);
  } else {
    use_averages(file, checkpoint);
  }
  file.metadata[kChecksum] = checksum(file);
  return file;
}

Checkpoint unpack_checkpoint(const TensorFile& file, const std::string& source) {
  const Metadata metadata(file, source);
  COTAN_REQUIRE(metadata.text("format") == kFormat,
                source << ": format '" << metadata.text("format") << "', this program reads '" << kFormat << "'");
  require_whole(file, source);
  COTAN_REQUIRE(metadata.text("roles") == role_names(), source << ": made for the roles '" << metadata.text("roles")
                                                               << "', this program has '" << role_names() << "'");
  Checkpoint checkpoint;
  checkpoint.model_name = metadata.text("model");
  const Config options = metadata.yaml("options");
  const ModelShape shape = read_shape(metadata.yaml("shape"));
  try {
    require_size(file, count_parameters(checkpoint.model_name, options, shape), source);
    checkpoint.model = make_model(checkpoint.model_name, options, shape, 0);
  } catch (const InputError& error) {
    const std::string what = error.what();
    throw InputError(what.find(source) == std::string::npos ? source + ": " + what : what);
  }
  checkpoint.dt = metadata.value("dt").number();
  COTAN_REQUIRE(checkpoint.dt > 0, source << ": dt is " << checkpoint.dt << ", expected above 0");
  checkpoint.config = metadata.text("config");
  if (file.metadata.contains("trained_on")) checkpoint.trained_on = metadata.text("trained_on");
  // A model that was trained in double is saved in double.
  const auto first = file.tensors.find(tensors_of(*checkpoint.model).front().name);
  if (first != file.tensors.end() && first->second.dtype == DType::f64) checkpoint.model->to(at::kDouble);
  std::vector<std::string> known;
  for (const auto& [name, value] : tensors_of(*checkpoint.model)) {
    value.detach().copy_(tensor_like(value.detach(), name, file, source));
    known.push_back(name);
  }
  if (metadata.value("has_state").boolean()) {
    checkpoint.state = read_state(file, metadata, *checkpoint.model, source, known);
  }
  refuse_unknown(file, known, source);
  return checkpoint;
}

}  // namespace cotan
