#include "apps/learned_data.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>

#include "apps/fields.h"
#include "core/check.h"
#include "core/log.h"
#include "mesh/cell_average.h"
#include "mesh/edge_sets.h"

namespace cotan {
namespace {

std::vector<std::string> names_of(const std::vector<ArchiveField>& fields) {
  std::vector<std::string> names;
  for (const auto& field : fields) names.push_back(field.spec.name);
  return names;
}

const ArchiveField& find_field(const Trajectory& trajectory, const SelectedField& field) {
  const auto& fields = trajectory.fields();
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.spec.name == field.from; });
  COTAN_REQUIRE(found != fields.end(), trajectory.name()
                                           << ": " << unknown_name("field", field.from, names_of(fields)));
  return *found;
}

void require_field(const Trajectory& trajectory, const SelectedField& field) {
  const ArchiveField* found = &find_field(trajectory, field);
  COTAN_REQUIRE(found->spec.on == On::points || found->spec.on == On::cells,
                trajectory.name() << ": field '" << field.from << "' is " << to_string(found->spec.on)
                                  << "; networks take fields on points, and on cells as their means at points");
  const int most = *std::max_element(field.components.begin(), field.components.end());
  COTAN_REQUIRE(most < found->spec.components, trajectory.name() << ": field '" << field.from << "' has "
                                                                 << found->spec.components << " components; component "
                                                                 << most << " was asked for (they count from 0)");
}

// Frames [k0, k1) of a field on points: (k1 - k0, points, components); those of cells as `average` has them.
at::Tensor read_field(const Trajectory& trajectory, const SelectedField& field, const CellAverage* average,
                      std::int64_t k0, std::int64_t k1) {
  const HostTensor host = trajectory.read(field.from, k0, k1);
  const std::vector<double> values = as_doubles(host);
  if (find_field(trajectory, field).spec.on == On::points)
    return at::tensor(values, at::kDouble).reshape(at::IntArrayRef(host.shape));
  const std::size_t frame = values.size() / static_cast<std::size_t>(k1 - k0);
  std::vector<double> moved;
  for (std::size_t at = 0; at < values.size(); at += frame) {
    const auto points = average->at_points(std::span(values).subspan(at, frame), static_cast<int>(host.shape[2]));
    moved.insert(moved.end(), points.begin(), points.end());
  }
  return at::tensor(moved, at::kDouble).reshape({k1 - k0, -1, host.shape[2]});
}

// Frames [k0, k1) of the selected fields, joined: (k1 - k0, points, components)
at::Tensor read_fields(const Trajectory& trajectory, const std::vector<SelectedField>& fields,
                       const CellAverage* average, std::int64_t k0, std::int64_t k1) {
  std::vector<at::Tensor> parts;
  for (const auto& field : fields) {
    const at::Tensor values = read_field(trajectory, field, average, k0, k1);
    const std::vector<std::int64_t> columns(field.components.begin(), field.components.end());
    parts.push_back(values.index_select(2, at::tensor(columns, at::kLong)));
    COTAN_REQUIRE(at::isfinite(parts.back()).all().item<bool>(),
                  trajectory.name() << ": field '" << field.from << "' has values that are not finite in frames " << k0
                                    << " to " << k1 - 1);
  }
  return parts.empty() ? at::Tensor() : at::cat(parts, 2);
}

std::vector<double> network_times(const Trajectory& trajectory, const LearnedConfig& config) {
  std::vector<double> times = trajectory.times();
  if (config.dt > 0) {
    for (std::size_t k = 0; k < times.size(); ++k) times[k] = config.dt * static_cast<double>(k);
  }
  std::vector<double> out;
  for (std::size_t k = 0; k < times.size(); k += config.stride) out.push_back(times[k]);
  COTAN_REQUIRE(out.size() >= 2, trajectory.name() << ": " << times.size() << " frames; at least two are needed");
  const double dt = out[1] - out[0];
  for (std::size_t k = 1; k < out.size(); ++k) {
    COTAN_REQUIRE(std::abs(out[k] - out[k - 1] - dt) < 1e-6 * dt,
                  trajectory.name() << ": frames " << k - 1 << " and " << k << " are " << out[k] - out[k - 1]
                                    << " s apart, the first two " << dt
                                    << " s; networks take even steps (give dt where times are numbers of steps)");
  }
  return out;
}

at::Tensor parameter_row(const Trajectory& trajectory, const LearnedConfig& config) {
  if (config.parameters.empty()) return {};
  const auto there = trajectory.parameters();
  std::vector<double> values;
  std::vector<std::string> names;
  for (const auto& entry : there) names.push_back(entry.first);
  for (const auto& name : config.parameters) {
    COTAN_REQUIRE(there.count(name), trajectory.name() << ": " << unknown_name("parameter", name, names));
    values.push_back(there.at(name));
  }
  return at::tensor(values, at::kDouble).unsqueeze(0);
}

// Roles of the points, and the sides that are glued.
std::pair<std::vector<Role>, std::vector<PeriodicPair>> sides_of(const Trajectory& trajectory, const Mesh& mesh,
                                                                 const LearnedConfig& config) {
  const std::vector<Role> archive = trajectory.roles();
  if (config.boundary.empty()) {
    COTAN_REQUIRE(
        !archive.empty() || !config.prescribed || config.prescribed->empty(),
        trajectory.name() << ": carries no roles, and `prescribed` needs them: name the sides under `boundary` in "
                          << config.source.file().string());
    return {archive, {}};
  }
  Boundary boundary = resolve_boundary(mesh, config.boundary, archive);
  return {std::move(boundary.roles), std::move(boundary.periodic)};
}

// (points, components) of one field: by the configuration's roles, else as the archive's solver was given it.
at::Tensor fixed_of_field(const SelectedField& field, const PrescribedMasks& archive, std::span<const Role> roles,
                          const LearnedConfig& config, std::int64_t points) {
  const at::Tensor free = at::zeros({points, std::ssize(field.components)}, at::kBool);
  if (!config.prescribed) {
    const auto found = archive.find(field.from);
    if (found == archive.end()) return free;
    const at::Tensor mask = at::tensor(at::ArrayRef<std::uint8_t>(found->second), at::kByte).reshape({points, -1});
    const std::vector<std::int64_t> columns(field.components.begin(), field.components.end());
    return mask.index_select(1, at::tensor(columns, at::kLong)).to(at::kBool);
  }
  const auto given = config.prescribed->find(field.spec.name);
  if (given == config.prescribed->end() || roles.empty()) return free;
  std::vector<std::uint8_t> rows;
  for (const Role role : roles) rows.push_back(std::count(given->second.begin(), given->second.end(), role) > 0);
  return at::tensor(rows, at::kByte).to(at::kBool).unsqueeze(1).expand({points, std::ssize(field.components)});
}

at::Tensor fixed_components(const Trajectory& trajectory, const Mesh& mesh, std::span<const Role> roles,
                            const LearnedConfig& config) {
  const PrescribedMasks archive = config.prescribed ? PrescribedMasks() : trajectory.prescribed();
  std::vector<at::Tensor> fixed;
  for (const auto& field : config.state) {
    fixed.push_back(fixed_of_field(field, archive, roles, config, mesh.num_points()));
    COTAN_REQUIRE(!fixed.back().all().item<bool>(),
                  trajectory.name() << ": '" << field.spec.name
                                    << "' is prescribed at every point, so there is nothing to learn of it; give it "
                                       "`use: input`, or say where it is given under `prescribed`");
  }
  return at::cat(fixed, 1);
}

// For the fields that are on cells; null where there is none.
std::shared_ptr<const CellAverage> cell_average(const Trajectory& trajectory, const Mesh& mesh,
                                                const LearnedConfig& config) {
  bool any = false;
  for (const auto* fields : {&config.state, &config.inputs}) {
    for (const auto& field : *fields) any = any || find_field(trajectory, field).spec.on == On::cells;
  }
  return any ? std::make_shared<const CellAverage>(mesh) : nullptr;
}

LearnedTrajectory load_one(std::shared_ptr<const Trajectory> trajectory, const LearnedConfig& config,
                           const Placement& placement) {
  COTAN_REQUIRE(trajectory->has_static_mesh(), trajectory->name()
                                                   << ": its mesh changes in time; this network takes a fixed mesh");
  for (const auto* fields : {&config.state, &config.inputs}) {
    for (const auto& field : *fields) require_field(*trajectory, field);
  }
  LearnedTrajectory out;
  out.mesh = std::make_shared<const Mesh>(trajectory->mesh());
  std::vector<PeriodicPair> periodic;
  std::tie(out.roles, periodic) = sides_of(*trajectory, *out.mesh, config);
  out.fixed = fixed_components(*trajectory, *out.mesh, out.roles, config);
  TrajectorySource& source = out.source;
  std::tie(source.graph, source.halo) =
      place_graph(*out.mesh, out.roles, placement, periodic, edge_sets_of(config), out.fixed.all(1));
  out.global = source.graph->global.to(at::kCPU);
  source.times = network_times(*trajectory, config);
  source.name = trajectory->name();
  source.stride = config.stride;
  source.parameters = parameter_row(*trajectory, config);
  if (source.parameters.defined()) source.parameters = source.parameters.to(placement.where);
  const auto average = cell_average(*trajectory, *out.mesh, config);
  source.read = [trajectory, config, average, rows = out.global, where = placement.where](std::int64_t k0,
                                                                                          std::int64_t k1) {
    const auto place = [&](const std::vector<SelectedField>& fields) {
      if (fields.empty()) return at::Tensor();
      const std::int64_t last = (k1 - 1) * config.stride + 1;
      const at::Tensor all = read_fields(*trajectory, fields, average.get(), k0 * config.stride, last);
      return all.slice(0, 0, at::nullopt, config.stride).index_select(1, rows).to(where);
    };
    return std::pair(place(config.state), place(config.inputs));
  };
  source.fixed = out.fixed.index_select(0, out.global).to(placement.where.device());
  return out;
}

void say_what_is_moved(const Trajectory& trajectory, const LearnedConfig& config) {
  for (const auto* fields : {&config.state, &config.inputs}) {
    for (const auto& field : *fields) {
      if (find_field(trajectory, field).spec.on == On::cells)
        log_info("field '" + field.from +
                 "' is on cells: the network sees its means at points, weighted by the cells' volumes");
    }
  }
}

// The part as the archive shares its trajectories out; nothing where it has no training split and another beside it.
std::optional<PartOfArchive> own_part(const std::map<std::string, std::vector<std::size_t>>& splits, SplitPart part) {
  if (!splits.count("train") || splits.size() < 2) return std::nullopt;
  const std::vector<std::string> names = part == SplitPart::train  ? std::vector<std::string>{"train"}
                                         : part == SplitPart::test ? std::vector<std::string>{"test"}
                                                                   : std::vector<std::string>{"valid", "validation"};
  PartOfArchive out;
  for (const auto& name : names) {
    if (const auto found = splits.find(name); found != splits.end()) out.trajectories = found->second;
  }
  return out;
}

}  // namespace

Placement placement(const std::string& device, const std::string& precision, const Comm& comm) {
  try {
    const c10::Device where(device);
    COTAN_REQUIRE(where.is_cpu() || at::hasCUDA(),
                  "--device " << device << ": this LibTorch has no CUDA here; there is: cpu");
    return {at::TensorOptions(where).dtype(precision == "float64" ? at::kDouble : at::kFloat), comm};
  } catch (const c10::Error&) {
    throw InputError("--device " + device + ": expected cpu or cuda[:i]");
  }
}

std::pair<std::shared_ptr<const Graph>, HaloExchange> place_graph(const Mesh& mesh, std::span<const Role> roles,
                                                                  const Placement& placement,
                                                                  std::span<const PeriodicPair> periodic,
                                                                  std::span<const std::string> sets,
                                                                  const at::Tensor& given) {
  const at::Tensor flags = given.to(at::kChar).contiguous();
  const std::span<const char> is_given(reinterpret_cast<const char*>(flags.const_data_ptr<std::int8_t>()),
                                       static_cast<std::size_t>(flags.numel()));
  const auto placed = [&](Graph graph) {
    return std::make_shared<const Graph>(
        to(with_edge_sets(std::move(graph), mesh, periodic, sets, is_given, placement.comm), placement.where));
  };
  if (placement.comm.size() == 1) return {placed(make_graph(mesh, roles, periodic)), HaloExchange()};
  const Adjacency neighbours = graph_links(mesh, periodic);
  const auto owner = metis_partitioner()(neighbours, placement.comm.size());
  const Part part = make_part(neighbours, owner, placement.comm.rank());
  return {placed(make_graph(mesh, part, roles, periodic)), HaloExchange(part.halo, placement.comm)};
}

std::vector<LearnedTrajectory> load_trajectories(const Archive& archive, const std::vector<std::size_t>& numbers,
                                                 const LearnedConfig& config, const Placement& placement) {
  std::vector<LearnedTrajectory> out;
  for (const std::size_t number : numbers) out.push_back(load_one(archive.open(number), config, placement));
  if (!numbers.empty() && placement.comm.rank() == 0) say_what_is_moved(*archive.open(numbers.front()), config);
  for (const auto& trajectory : out) {
    COTAN_REQUIRE(trajectory.mesh->dim() == out.front().mesh->dim(),
                  trajectory.source.name << ": a mesh in " << trajectory.mesh->dim() << " dimensions, that of "
                                         << out.front().source.name << " has " << out.front().mesh->dim());
    const auto dt = [](const LearnedTrajectory& t) { return t.source.times[1] - t.source.times[0]; };
    COTAN_REQUIRE(std::abs(dt(trajectory) - dt(out.front())) < 1e-6 * dt(out.front()),
                  trajectory.source.name << ": frames are " << dt(trajectory) << " s apart, those of "
                                         << out.front().source.name << " " << dt(out.front()) << " s");
  }
  return out;
}

void set_components(LearnedConfig& config, const Archive& archive) {
  const auto first = archive.open(0);
  set_components(config, [&](const SelectedField& field) { return find_field(*first, field).spec; });
}

TrajectorySource frames_of(const TrajectorySource& source, std::int64_t first, std::int64_t last) {
  TrajectorySource part = source;
  part.first = source.first + first * source.stride;
  part.times.assign(source.times.begin() + first, source.times.begin() + last);
  part.read = [read = source.read, first](std::int64_t k0, std::int64_t k1) { return read(k0 + first, k1 + first); };
  return part;
}

SplitPart part_from(std::string_view name) {
  const std::vector<std::string> names = {"train", "validation", "test", "all"};
  const auto found = std::find(names.begin(), names.end(), name);
  COTAN_REQUIRE(found != names.end(), unknown_name("part", name, names));
  return static_cast<SplitPart>(found - names.begin());
}

PartOfArchive part_of(const Archive& archive, const SplitRule& rule, SplitPart part) {
  const std::size_t n = archive.size();
  if (!rule.given && part != SplitPart::all) {
    if (auto own = own_part(archive.splits(), part)) return *own;
  }
  PartOfArchive out;
  const double train = 1 - rule.validation - rule.test;
  const double bounds[] = {0, train, train + rule.validation, 1};
  const auto low = part == SplitPart::all ? 0 : bounds[static_cast<int>(part)];
  const auto high = part == SplitPart::all ? 1 : bounds[static_cast<int>(part) + 1];
  if (rule.by_time) {
    out.first = low;
    out.last = high;
    for (std::size_t i = 0; i < n; ++i) out.trajectories.push_back(i);
    return out;
  }
  // Every part that was asked for has at least one trajectory where there are enough of them.
  const auto count = [&](double share) { return share > 0 ? std::max<std::size_t>(1, std::llround(share * n)) : 0; };
  const std::size_t test = count(rule.test), validation = count(rule.validation);
  COTAN_REQUIRE(part == SplitPart::all || test + validation < n,
                "an archive of " << n << " trajectories cannot be split into training, " << validation
                                 << " for validation and " << test
                                 << " for test: lower split.validation and split.test, or split by time");
  const std::size_t ends[] = {0, n - test - validation, n - test, n};
  const std::size_t first = part == SplitPart::all ? 0 : ends[static_cast<int>(part)];
  const std::size_t last = part == SplitPart::all ? n : ends[static_cast<int>(part) + 1];
  for (std::size_t i = first; i < last; ++i) out.trajectories.push_back(i);
  return out;
}

std::pair<std::int64_t, std::int64_t> frame_range(const PartOfArchive& part, std::size_t num_frames) {
  return {std::llround(part.first * static_cast<double>(num_frames)),
          std::llround(part.last * static_cast<double>(num_frames))};
}

at::Tensor join_state(const Fields& fields, const std::vector<SelectedField>& state) {
  std::vector<at::Tensor> parts;
  for (const auto& field : state) parts.push_back(fields[field.spec.name]);
  return at::cat(parts, 1);
}

Frame state_frame(const LearnedTrajectory& trajectory, const LearnedConfig& config, std::int64_t k) {
  const at::Tensor joined = trajectory.source.read(k, k + 1).first[0];
  std::vector<State::Entry> entries;
  std::int64_t column = 0;
  for (const auto& field : config.state) {
    entries.push_back(
        {field.spec.name, On::points, joined.slice(1, column, column + field.spec.components).contiguous()});
    column += field.spec.components;
  }
  return {trajectory.source.times[k], Fields(std::move(entries))};
}

SimulatorInput simulator_input(const LearnedTrajectory& trajectory, const LearnedConfig& config) {
  const TrajectorySource& source = trajectory.source;
  // The frame at a time, kept: a step asks for the same one several times.
  using FramePair = std::pair<at::Tensor, at::Tensor>;
  const auto frame_at = [source, held = std::make_shared<std::pair<std::int64_t, FramePair>>(-1, FramePair())](
                            double t) -> const FramePair& {
    const auto& times = source.times;
    const auto after = std::lower_bound(times.begin(), times.end(), t - 1e-6 * (times[1] - times[0]));
    const auto k = std::min<std::int64_t>(after - times.begin(), static_cast<std::int64_t>(times.size()) - 1);
    if (held->first != k) *held = {k, source.read(k, k + 1)};
    return held->second;
  };
  SimulatorInput input;
  input.graph = source.graph;
  input.halo = source.halo;
  input.parameters = source.parameters;
  input.symmetry = symmetry_of(config, trajectory.mesh->dim());
  if (!config.inputs.empty()) input.inputs = [frame_at](double t) { return frame_at(t).second[0]; };
  std::int64_t column = 0;
  for (const auto& field : config.state) {
    const std::int64_t next = column + field.spec.components;
    const at::Tensor mask = source.fixed.slice(1, column, next);
    // Added on every rank alike, also on one that owns no such point: values are read by all or by none.
    if (trajectory.fixed.slice(1, column, next).any().item<bool>()) {
      input.prescribed.add(field.spec.name, mask,
                           [frame_at, column, next](double t) { return frame_at(t).first[0].slice(1, column, next); });
    }
    column = next;
  }
  return input;
}

}  // namespace cotan
