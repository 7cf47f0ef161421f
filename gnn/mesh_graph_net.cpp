#include "gnn/mesh_graph_net.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "gnn/formulas.h"
#include "gnn/fused_mlp.h"
#include "gnn/row_linear.h"
#include "mesh/radius_edges.h"

namespace cotan {
namespace {

void check_input(const at::Tensor& tensor, std::initializer_list<std::int64_t> shape, std::string_view name) {
  if (!tensor.defined()) throw Error("mesh_graph_net: " + std::string(name) + " not given");
  check_shape(tensor.sizes(), shape, name);
}

constexpr const char* kWorld = "world";

// Columns of what a node shows to the network.
std::int64_t node_features_of(const MeshGraphNetOptions& options, const ModelShape& shape) {
  const std::int64_t prescribed = options.prescribed == "none" ? 0 : options.prescribed == "next" ? 2 : 1;
  std::int64_t columns = num_components(shape.inputs) + std::ssize(shape.parameters) + kNumRoles;
  for (std::size_t f = 0; f < shape.state.size(); ++f) {
    const FieldUse use = shape.use(f);
    const int seen = use.sees == Sees::value ? 1 + options.history : use.sees == Sees::change ? 1 : 0;
    columns += shape.state[f].components * (seen + (use.order > 0 ? prescribed : 0));
  }
  return columns;
}

// The field whose value is the points' position: its first column and components, 0 components where there is none.
std::pair<std::int64_t, std::int64_t> position_of(const ModelShape& shape) {
  std::int64_t start = 0;
  for (std::size_t f = 0; f < shape.state.size(); ++f) {
    if (shape.use(f).is_position) return {start, shape.state[f].components};
    start += shape.state[f].components;
  }
  return {0, 0};
}

// Columns of what an edge shows to the network: world edges have no offset in the mesh.
std::int64_t edge_features_of(const ModelShape& shape, const std::string& set, bool is_world) {
  const std::int64_t moving = position_of(shape).second;
  return (moving > 0 ? moving + 1 : 0) + (is_world && set == kWorld ? 0 : shape.dim + 1);
}

// Edge sets without the one that the network makes itself.
std::vector<std::string> brought(const MeshGraphNetOptions& options) {
  auto sets = split_list(options.edge_sets);
  if (options.world_radius > 0) std::erase(sets, kWorld);
  return sets;
}

// Whether the network looks at the frame before.
bool needs_previous(const MeshGraphNetOptions& options, const ModelShape& shape) {
  bool needed = options.history > 0;
  for (std::size_t f = 0; f < shape.state.size(); ++f) {
    needed = needed || shape.use(f).order == 2 || shape.use(f).sees == Sees::change;
  }
  return needed;
}

// A message-passing step: a perceptron by edge set, one for the nodes.
struct Block {
  std::vector<Mlp> edges;
  Mlp nodes;
};

class MeshGraphNet final : public Model {
 public:
  MeshGraphNet(const MeshGraphNetOptions& options, const ModelShape& shape, std::uint64_t seed);

  const ModelShape& shape() const override { return shape_; }
  Predicts predicts() const override { return options_.predicts == "rate" ? Predicts::rate : Predicts::increment; }
  int history() const override { return needs_previous(options_, shape_) ? 1 : 0; }
  std::vector<std::string> edge_sets() const override { return brought(options_); }
  at::Tensor forward(const ModelInput& input) const override;
  at::Tensor normalise_target(const at::Tensor& target) const override { return target_.normalise(target); }
  at::Tensor physical(const at::Tensor& normalised) const override { return target_.physical(normalised); }
  void accumulate(const ModelInput& input, const at::Tensor& target) override;
  std::vector<NamedTensor> parameters() const override;
  std::vector<NamedTensor> buffers() const override;
  void to(const at::TensorOptions& where) override;
  std::string echo() const override { return echo_options(options_); }

 private:
  Mlp make_mlp(std::int64_t in, std::int64_t out, bool layer_norm) {
    return Mlp(in, options_.width, out, options_.hidden, activation_, layer_norm, random_, &drawn_);
  }
  Block make_block();
  std::int64_t node_width() const { return node_features_of(options_, shape_); }
  std::int64_t edge_width(const std::string& set) const {
    return edge_features_of(shape_, set, options_.world_radius > 0);
  }
  at::Tensor node_features(const ModelInput& input) const;                        // (N, node_width())
  at::Tensor edge_features(const EdgeSet& edges, const ModelInput& input) const;  // (E, edge_width())
  EdgeSet edges_of(const std::string& set, const ModelInput& input) const;
  RowResult update_edges(const Mlp& mlp, const EdgeSet& edges, const at::Tensor& v, const at::Tensor& e) const;
  at::Tensor update_nodes(const Mlp& mlp, const at::Tensor& v, const std::vector<at::Tensor>& sums) const;

  MeshGraphNetOptions options_;
  ModelShape shape_;
  std::vector<std::string> edge_sets_;
  Activation activation_;
  Random random_;  // of the first weights
  std::uint64_t drawn_ = 0;
  Normaliser node_, target_;
  std::vector<Normaliser> edge_;
  Mlp node_encoder_;
  std::vector<Mlp> edge_encoder_;
  std::vector<Block> blocks_;
  Mlp decoder_;
};

MeshGraphNet::MeshGraphNet(const MeshGraphNetOptions& options, const ModelShape& shape, std::uint64_t seed)
    : options_(options),
      shape_(shape),
      edge_sets_(split_list(options.edge_sets)),
      activation_(activation_from(options.activation)),
      random_(seed, purpose::weights),
      node_(node_width()),
      target_(num_components(shape.state)),
      edge_(edge_sets_.size(), Normaliser(0)),
      node_encoder_(make_mlp(node_width(), options.width, options.layer_norm)),
      decoder_(make_mlp(options.width, num_components(shape.state), false)) {
  for (std::size_t k = 0; k < edge_sets_.size(); ++k) {
    const std::int64_t features = edge_width(edge_sets_[k]);
    edge_[k] = Normaliser(features);
    edge_encoder_.push_back(make_mlp(features, options.width, options.layer_norm));
  }
  for (std::int64_t i = 0; i < options.blocks; ++i) blocks_.push_back(make_block());
}

Block MeshGraphNet::make_block() {
  const std::int64_t width = options_.width, sets = static_cast<std::int64_t>(edge_sets_.size());
  std::vector<Mlp> edges;
  for (std::int64_t i = 0; i < sets; ++i) edges.push_back(make_mlp(3 * width, width, options_.layer_norm));
  return {std::move(edges), make_mlp((1 + sets) * width, width, options_.layer_norm)};
}

at::Tensor MeshGraphNet::node_features(const ModelInput& input) const {
  const Graph& graph = input.graph;
  const std::int64_t nodes = graph.num_nodes(), components = num_components(shape_.state);
  check_input(input.state, {nodes, components}, "state");
  if (history() > 0) check_input(input.previous, {nodes, components}, "previous state");
  if (options_.prescribed != "none")
    check_input(input.prescribed_mask, {nodes, components}, "mask of prescribed values");
  std::vector<at::Tensor> values, changes, masks, next;
  std::int64_t start = 0;
  for (std::size_t f = 0; f < shape_.state.size(); ++f) {
    const FieldUse use = shape_.use(f);
    const auto own = [&](const at::Tensor& x) { return x.narrow(1, start, shape_.state[f].components); };
    if (use.sees == Sees::value) values.push_back(own(input.state));
    if (use.sees == Sees::change || (use.sees == Sees::value && options_.history > 0)) {
      changes.push_back(own(input.state) - own(input.previous));
    }
    if (use.order > 0 && options_.prescribed != "none") {
      masks.push_back(own(input.prescribed_mask));
      next.push_back((own(input.prescribed_next) - own(input.state)) * masks.back());
    }
    start += shape_.state[f].components;
  }
  std::vector<at::Tensor> columns = std::move(values);
  columns.insert(columns.end(), changes.begin(), changes.end());
  if (!shape_.inputs.empty()) {
    check_input(input.inputs, {nodes, num_components(shape_.inputs)}, "input fields");
    columns.push_back(input.inputs);
  }
  if (!shape_.parameters.empty()) {
    check_input(input.parameters, {graph.num_graphs, std::int64_t(shape_.parameters.size())}, "parameters");
    columns.push_back(input.parameters.index_select(0, graph.graph_of_node));
  }
  columns.push_back(at::one_hot(graph.role, kNumRoles));
  if (options_.prescribed != "change") columns.insert(columns.end(), masks.begin(), masks.end());
  if (options_.prescribed != "mask") columns.insert(columns.end(), next.begin(), next.end());
  for (auto& column : columns) column = column.to(input.state.scalar_type());
  return at::cat(columns, 1);
}

// World edges follow the points, so they are made anew where the graph does not bring them.
EdgeSet MeshGraphNet::edges_of(const std::string& set, const ModelInput& input) const {
  if (set != kWorld || options_.world_radius == 0) return input.graph.edges(set);
  const auto [start, count] = position_of(shape_);
  const at::Tensor position = input.state.narrow(1, start, count).detach();
  return radius_edges(kWorld, input.graph, position, options_.world_radius, input.graph.edges(edge_sets().front()),
                      input.halo.comm());
}

at::Tensor MeshGraphNet::edge_features(const EdgeSet& edges, const ModelInput& input) const {
  std::vector<at::Tensor> columns;
  const auto add = [&](const at::Tensor& difference) {
    columns.push_back(difference);
    columns.push_back(difference.square().sum(1, true).sqrt());
  };
  if (const auto [start, count] = position_of(shape_); count > 0) {
    const at::Tensor position = input.state.narrow(1, start, count);
    add(segment_spread(position, edges.links) - gather(edges.guests.to_ghosts(position), edges.links));
  }
  if (edges.name != kWorld || options_.world_radius == 0) {
    COTAN_REQUIRE(edges.offset.defined(), "edge set '" << edges.name << "' has no offsets, which mesh_graph_net needs");
    check_shape(edges.offset.sizes(), {edges.size(), shape_.dim}, "offsets of edges");
    add(edges.offset);
  }
  for (auto& column : columns) column = column.to(input.state.scalar_type());
  return at::cat(columns, 1);
}

// The first layer acts on [sender, receiver, edge]: its node parts are multiplied before the gather, once a node.
RowResult MeshGraphNet::update_edges(const Mlp& mlp, const EdgeSet& edges, const at::Tensor& v,
                                     const at::Tensor& e) const {
  const std::int64_t width = options_.width;
  const bool after = options_.node_update == "after_residual";
  const at::Tensor& weight = mlp.layers.front().weight;
  const at::Tensor of_edge = weight.narrow(1, 2 * width, width);
  const at::Tensor from_sender = edges.guests.to_ghosts(row_linear(v, weight.narrow(1, 0, width)));
  const at::Tensor from_receiver = row_linear(v, weight.narrow(1, width, width), mlp.layers.front().bias);
  RowResult result;
  const bool fused = can_fuse(mlp, e);
  COTAN_REQUIRE(fused || !options_.recompute,
                "recompute: needs float32 on the CPU, a width that is a multiple of 16, relu and layer_norm");
  if (fused) {
    result =
        fused_rows(mlp, of_edge, e, {{}, from_sender, from_receiver}, {&edges.links, true, after, options_.recompute});
  } else {
    at::Tensor first = row_linear(e, of_edge);  // added to in place: no copies of E rows
    first.add_(gather(from_sender, edges.links)).add_(segment_spread(from_receiver, edges.links));
    const at::Tensor change = mlp.from_first(std::move(first));
    result.out = e + change;
    result.sums = segment_sum(after ? result.out : change, edges.links);
  }
  if (options_.aggregation == "mean") {
    const at::Tensor degree = edges.links.offsets.diff().clamp_min(1).unsqueeze(1);
    result.sums = result.sums / degree.to(result.sums.scalar_type());
  }
  return result;
}

// v + perceptron([v, sums of each edge set]).
at::Tensor MeshGraphNet::update_nodes(const Mlp& mlp, const at::Tensor& v, const std::vector<at::Tensor>& sums) const {
  const std::int64_t width = options_.width, sets = std::ssize(sums);
  const at::Tensor seen = sums.size() == 1 ? sums.front() : at::cat(sums, 1);
  const at::Tensor& weight = mlp.layers.front().weight;
  const at::Tensor from_edges = row_linear(seen, weight.narrow(1, width, sets * width), mlp.layers.front().bias);
  const at::Tensor of_node = weight.narrow(1, 0, width);
  if (can_fuse(mlp, v))
    return fused_rows(mlp, of_node, v, {from_edges, {}, {}}, {nullptr, false, false, options_.recompute}).out;
  return v + mlp.from_first(row_linear(v, of_node) + from_edges);
}

at::Tensor MeshGraphNet::forward(const ModelInput& input) const {
  const at::ScalarType type = decoder_.layers.front().weight.scalar_type();
  at::Tensor v = node_encoder_(node_.normalise(node_features(input)).to(type));
  std::vector<EdgeSet> edges;
  std::vector<at::Tensor> e;
  for (std::size_t k = 0; k < edge_sets_.size(); ++k) {
    edges.push_back(edges_of(edge_sets_[k], input));
    e.push_back(edge_encoder_[k](edge_[k].normalise(edge_features(edges[k], input)).to(type)));
  }
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (i > 0) v = input.halo.to_ghosts(v);  // the encoder saw ghosts that were up to date
    std::vector<at::Tensor> sums;
    for (std::size_t k = 0; k < edge_sets_.size(); ++k) {
      RowResult updated = update_edges(blocks_[i].edges[k], edges[k], v, e[k]);
      e[k] = std::move(updated.out);
      sums.push_back(std::move(updated.sums));
    }
    v = update_nodes(blocks_[i].nodes, v, sums);
  }
  return decoder_(v);
}

void MeshGraphNet::accumulate(const ModelInput& input, const at::Tensor& target) {
  const Graph& graph = input.graph;
  const Comm& comm = input.halo.comm();
  node_.accumulate(node_features(input), graph.owned, comm);
  for (std::size_t k = 0; k < edge_sets_.size(); ++k) {
    const EdgeSet edges = edges_of(edge_sets_[k], input);
    edge_[k].accumulate(edge_features(edges, input), graph.owned.index_select(0, edges.receiver), comm);
  }
  // Rows that are wholly prescribed are never predicted, so the target's spread is that of the others.
  at::Tensor use = graph.owned;
  if (input.prescribed_mask.defined()) use = use.logical_and(input.prescribed_mask.all(1).logical_not());
  target_.accumulate(target, use, comm);
}

std::vector<NamedTensor> MeshGraphNet::parameters() const {
  std::vector<NamedTensor> list;
  node_encoder_.append_to(list, "encoder.nodes");
  for (std::size_t k = 0; k < edge_sets_.size(); ++k) edge_encoder_[k].append_to(list, "encoder." + edge_sets_[k]);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const std::string block = "block." + std::to_string(i);
    for (std::size_t k = 0; k < edge_sets_.size(); ++k)
      blocks_[i].edges[k].append_to(list, block + "." + edge_sets_[k]);
    blocks_[i].nodes.append_to(list, block + ".nodes");
  }
  decoder_.append_to(list, "decoder");
  return list;
}

std::vector<NamedTensor> MeshGraphNet::buffers() const {
  std::vector<NamedTensor> list;
  node_.append_to(list, "statistics.nodes");
  for (std::size_t k = 0; k < edge_sets_.size(); ++k) edge_[k].append_to(list, "statistics." + edge_sets_[k]);
  target_.append_to(list, "statistics.target");
  return list;
}

void MeshGraphNet::to(const at::TensorOptions& where) {
  for (const auto& parameter : parameters()) parameter.value.set_data(parameter.value.to(where).detach());
  for (const auto& buffer : buffers()) buffer.value.set_data(buffer.value.to(where.dtype(at::kDouble)));
}

}  // namespace

namespace {

void check_uses(const Config& options, const MeshGraphNetOptions& read, const ModelShape& shape) {
  COTAN_REQUIRE(shape.uses.empty() || shape.uses.size() == shape.state.size(),
                shape.uses.size() << " uses for " << shape.state.size() << " state fields");
  std::vector<std::string> positions;
  for (std::size_t f = 0; f < shape.state.size(); ++f) {
    const FieldUse use = shape.use(f);
    const std::string& name = shape.state[f].name;
    if (use.is_position) positions.push_back(name);
    COTAN_REQUIRE(use.order >= 0 && use.order <= 2,
                  "field '" << name << "' is of order " << use.order << ", expected 0 to 2");
    COTAN_REQUIRE(read.predicts == "increment" || use.order == 1, options["predicts"].where()
                                                                      << ": a rate is of order 1, field '" << name
                                                                      << "' of order " << use.order);
  }
  COTAN_REQUIRE(positions.size() <= 1,
                "two position fields, '" << positions.front() << "' and '" << positions.back() << "'");
  const auto sets = split_list(read.edge_sets);
  const bool has_world = std::find(sets.begin(), sets.end(), kWorld) != sets.end();
  COTAN_REQUIRE(read.world_radius == 0 || (has_world && sets.size() > 1 && !positions.empty()),
                options["world_radius"].where()
                    << ": world edges need a position field (position: true) and edge_sets: \"mesh, world\"");
}

MeshGraphNetOptions checked_options(const Config& options, const ModelShape& shape) {
  const auto read = read_options<MeshGraphNetOptions>(options);
  const auto sets = split_list(read.edge_sets);
  COTAN_REQUIRE(!sets.empty(), options["edge_sets"].where() << ": no edge set is named");
  for (std::size_t i = 0; i < sets.size(); ++i) {
    COTAN_REQUIRE(sets[i] != "nodes" && std::count(sets.begin(), sets.end(), sets[i]) == 1,
                  options["edge_sets"].where()
                      << ": the edge set '" << sets[i] << "' stands twice or has a taken name");
  }
  COTAN_REQUIRE(!shape.state.empty(), "the model has no state field to move");
  for (const auto* fields : {&shape.state, &shape.inputs}) {
    for (const auto& field : *fields) {
      COTAN_REQUIRE(field.on == On::points, "field '" << field.name << "' is on " << to_string(field.on)
                                                      << "s; mesh_graph_net takes fields on points");
    }
  }
  check_uses(options, read, shape);
  return read;
}

}  // namespace

std::unique_ptr<Model> make_mesh_graph_net(const Config& options, const ModelShape& shape, std::uint64_t seed) {
  return std::make_unique<MeshGraphNet>(checked_options(options, shape), shape, seed);
}

std::vector<std::string> edge_sets_of_mesh_graph_net(const Config& options) {
  return brought(read_options<MeshGraphNetOptions>(options));
}

std::int64_t count_mesh_graph_net(const Config& options, const ModelShape& shape) {
  const auto read = checked_options(options, shape);
  const std::int64_t width = read.width, sets = std::ssize(split_list(read.edge_sets));
  const std::int64_t components = num_components(shape.state);
  const auto mlp = [&](std::int64_t in, std::int64_t out, bool layer_norm) {
    const std::int64_t hidden = (in + 1) * width + (read.hidden - 1) * (width + 1) * width;
    return hidden + (width + 1) * out + (layer_norm ? 2 * out : 0);
  };
  std::int64_t encoders = mlp(node_features_of(read, shape), width, read.layer_norm);
  for (const auto& set : split_list(read.edge_sets)) {
    encoders += mlp(edge_features_of(shape, set, read.world_radius > 0), width, read.layer_norm);
  }
  const std::int64_t block =
      sets * mlp(3 * width, width, read.layer_norm) + mlp((1 + sets) * width, width, read.layer_norm);
  return encoders + read.blocks * block + mlp(width, components, false);
}

}  // namespace cotan
