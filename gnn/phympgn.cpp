#include "gnn/phympgn.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/check.h"
#include "gnn/edge_offsets.h"
#include "gnn/phympgn_plan.h"
#include "gnn/row_linear.h"
#include "mesh/laplacian.h"
#include "mesh/mirror_edges.h"

namespace cotan {
namespace {

// A layer: what neighbours say, and what a point makes of it.
struct Layer {
  Mlp message, update;
};

// Edges with their encoded attributes, (E, H), and what their senders' latents are raised by where these are images.
struct Seen {
  const EdgeSet& edges;
  at::Tensor attributes, raised = {};
};

// The deviation in training (C), 1 where nothing varied.
at::Tensor unit(const Normaliser& statistics, const at::Tensor& like) {
  const at::Tensor deviation = statistics.standard_deviation();
  return at::where(deviation > 0, deviation, 1.0).to(like.options());
}

// Values of graphs (graphs, K) at their nodes; (1, K) stays.
at::Tensor at_nodes(const at::Tensor& of_graphs, const Graph& graph) {
  return of_graphs.size(0) == 1 ? of_graphs : of_graphs.index_select(0, graph.graph_of_node);
}

class PhyMpgn final : public Model {
 public:
  PhyMpgn(PhyMpgnPlan plan, const ModelShape& shape, std::uint64_t seed);

  const ModelShape& shape() const override { return shape_; }
  Predicts predicts() const override { return Predicts::rate; }
  std::vector<std::string> edge_sets() const override { return edge_sets_of(plan_.options); }
  std::vector<at::Tensor> prepare(const Graph& graph, const HaloExchange& halo,
                                  const at::Tensor& parameters) const override;
  at::Tensor forward(const ModelInput& input) const override;
  at::Tensor normalise_target(const at::Tensor& target) const override { return target / unit(target_, target); }
  at::Tensor physical(const at::Tensor& normalised) const override { return normalised * unit(target_, normalised); }
  double stiffness(const ModelInput& input) const override;
  void accumulate(const ModelInput& input, const at::Tensor& target) override;
  std::vector<NamedTensor> parameters() const override;
  std::vector<NamedTensor> buffers() const override;
  void to(const at::TensorOptions& where) override;
  std::string echo() const override { return echo_options(plan_.options); }

 private:
  Mlp make_mlp(std::int64_t in, const std::vector<std::int64_t>& hidden, std::int64_t out) {
    Mlp mlp(in, hidden, out, activation_from(plan_.options.activation), random_, &drawn_);
    const at::NoGradGuard no_gradients;
    for (auto& layer : mlp.layers) layer.weight.mul_(plan_.options.gain);
    return mlp;
  }
  at::ScalarType type() const { return decoder_.layers.front().weight.scalar_type(); }
  at::Tensor scale(const std::optional<Formulas>& formulas, const at::Tensor& from_data, const ModelInput& input) const;
  at::Tensor length_scale(const ModelInput& input) const;  // (graphs or 1, 1)
  at::Tensor scaled_state(const ModelInput& input) const;  // (N, C)
  at::Tensor node_features(const ModelInput& input, const at::Tensor& state) const;
  at::Tensor edge_offsets(const ModelInput& input, const EdgeSet& edges) const;  // (E, 1 + dim)
  std::vector<Seen> seen_edges(const ModelInput& input, const at::Tensor& state, const at::Tensor& features,
                               const at::Tensor& start) const;
  at::Tensor message_sum(const Mlp& mlp, const Seen& seen, const at::Tensor& h) const;
  at::Tensor messages(const Mlp& mlp, const std::vector<Seen>& seen, const at::Tensor& h) const;
  at::Tensor coordinates(const ModelInput& input) const {  // (N, dim)
    return input.graph.position / at_nodes(length_scale(input), input.graph);
  }
  ModelInput prepared(const ModelInput& input) const;
  at::Tensor coefficient(const ModelInput& input) const;                            // (N or 1, C) of diffusion [m^2/s]
  at::Tensor laplacian_of(const ModelInput& input, const at::Tensor& state) const;  // (N, C) [1/m^2] of a scaled state
  at::Tensor known_terms(const ModelInput& input) const;  // (N, C) beside diffusion, with what comes in through sides
  at::Tensor flux(const ModelInput& input) const;         // (N, C) [state * m/s] through free sides at a point
  at::Tensor known_rate(const ModelInput& input) const;   // (N, C) without what is learned
  at::Tensor learned_rate(const ModelInput& input, const at::Tensor& state) const;  // (N, C) in units of the rate scale

  // Places of what is prepared: after the offsets of mesh edges, those of known terms, of the flux, of the Laplacian.
  std::size_t first_of_flux() const { return 1 + plan_.known->num_prepared(); }
  std::size_t first_of_laplace() const {
    return first_of_flux() + (plan_.flux->empty() ? 0 : 1 + plan_.flux->num_prepared());
  }

  PhyMpgnPlan plan_;
  ModelShape shape_;
  Random random_;  // of the first weights
  std::uint64_t drawn_ = 0;
  Normaliser state_, rate_, target_, length_, inputs_, case_;
  Mlp node_encoder_, edge_encoder_;
  std::vector<Layer> layers_;
  Mlp decoder_;
  LaplaceBlock laplace_;
};

PhyMpgn::PhyMpgn(PhyMpgnPlan plan, const ModelShape& shape, std::uint64_t seed)
    : plan_(std::move(plan)),
      shape_(shape),
      random_(seed, purpose::weights),
      state_(plan_.components),
      rate_(plan_.components),
      target_(plan_.components),
      length_(1),
      inputs_(num_components(shape.inputs)),
      case_(std::ssize(shape.parameters)),
      node_encoder_(make_mlp(plan_.node_features, plan_.encoder, plan_.options.width)),
      edge_encoder_(make_mlp(plan_.edge_features, plan_.encoder, plan_.options.width)),
      decoder_(make_mlp(plan_.options.width, plan_.decoder, plan_.components)),
      laplace_(plan_.options.laplace, plan_.components, shape.dim, random_, &drawn_) {
  const std::int64_t width = plan_.options.width;
  for (std::int64_t l = 0; l < plan_.options.layers; ++l) {
    layers_.push_back({make_mlp(3 * width, plan_.hidden, width), make_mlp(2 * width, plan_.hidden, width)});
  }
}

at::Tensor PhyMpgn::scale(const std::optional<Formulas>& formulas, const at::Tensor& from_data,
                          const ModelInput& input) const {
  return formulas ? (*formulas)(input.parameters, input.graph.num_graphs, input.state, /*positive=*/true)
                  : from_data.unsqueeze(0);
}

at::Tensor PhyMpgn::length_scale(const ModelInput& input) const {
  const at::Tensor mean = at::where(length_.count > 0, length_.mean, 1.0).to(input.state.options());
  return scale(plan_.length_scale, mean, input);
}

at::Tensor PhyMpgn::scaled_state(const ModelInput& input) const {
  const at::Tensor scale_of = scale(plan_.state_scale, unit(state_, input.state), input);
  const at::Tensor u = plan_.state_scale ? input.state : input.state - state_.mean.to(input.state.options());
  return u / at_nodes(scale_of, input.graph);
}

at::Tensor PhyMpgn::node_features(const ModelInput& input, const at::Tensor& state) const {
  const Graph& graph = input.graph;
  std::vector<at::Tensor> columns{state};
  if (!shape_.inputs.empty()) columns.push_back(inputs_.normalise(input.inputs));
  if (plan_.options.sees_parameters && !shape_.parameters.empty())
    columns.push_back(case_.normalise(input.parameters).index_select(0, graph.graph_of_node));
  if (plan_.options.coordinates) columns.push_back(coordinates(input));
  at::Tensor slot = at::zeros_like(graph.role);  // in the list of roles that it tells apart
  for (std::size_t r = 1; r < plan_.roles.size(); ++r)
    slot = slot.masked_fill(graph.role == static_cast<std::int64_t>(plan_.roles[r]), static_cast<std::int64_t>(r));
  columns.push_back(at::one_hot(slot, std::ssize(plan_.roles)));
  for (auto& column : columns) column = column.to(type());
  return at::cat(columns, 1);
}

at::Tensor PhyMpgn::edge_offsets(const ModelInput& input, const EdgeSet& edges) const {
  return plan_.options.edges == kEdgeScales[0] ? offsets_in_units(edges, input.graph, length_scale(input).squeeze(1))
                                               : offsets_of_longest(edges, input.graph, input.halo.comm());
}

// Mesh edges; and at sides with a flux those from the mirror. The images' states are what the flux makes of their
// senders', and their latents are their senders' and what the encoder makes of that difference.
std::vector<Seen> PhyMpgn::seen_edges(const ModelInput& input, const at::Tensor& state, const at::Tensor& features,
                                      const at::Tensor& start) const {
  const auto encoded = [&](const at::Tensor& differences, const at::Tensor& offsets) {
    return edge_encoder_(at::cat({differences.to(type()), offsets.to(type())}, 1));
  };
  const auto differences = [&](const EdgeSet& edges) {
    return gather(state, edges.links) - segment_spread(state, edges.links);
  };
  const EdgeSet& edges = input.graph.edges();
  std::vector<Seen> seen{{edges, encoded(differences(edges), input.prepared.front())}};
  if (plan_.flux->empty() || !plan_.options.images) return seen;
  const EdgeSet& mirror = input.graph.edges(kMirror);
  const at::Tensor units = at_nodes(scale(plan_.state_scale, unit(state_, input.state), input), input.graph);
  const at::Tensor slope = flux(input) / (coefficient(input) * units);
  const at::Tensor rise = mirror.weight.unsqueeze(1) * segment_spread(slope, mirror.links);
  const at::Tensor of_images =
      gather(features, mirror.links) +
      at::constant_pad_nd(rise.to(type()), {0, features.size(1) - plan_.components});  // the state stands first
  seen.push_back({mirror, encoded(differences(mirror) + rise, input.prepared[first_of_flux()]),
                  node_encoder_(of_images) - gather(start, mirror.links)});
  return seen;
}

// The sum of what neighbours say, (N, H), but for the last linear map.
at::Tensor PhyMpgn::message_sum(const Mlp& mlp, const Seen& seen, const at::Tensor& h) const {
  const std::int64_t width = plan_.options.width;
  const Linear& first = mlp.layers.front();
  const Segments& links = seen.edges.links;
  const at::Tensor of_self = first.weight.narrow(1, 0, width), of_change = first.weight.narrow(1, width, width);
  at::Tensor x = row_linear(seen.attributes, first.weight.narrow(1, 2 * width, width));
  x.add_(gather(row_linear(h, of_change), links));
  if (seen.raised.defined()) x.add_(row_linear(seen.raised, of_change));
  x.add_(segment_spread(row_linear(h, of_self - of_change, first.bias), links));
  x = activate(std::move(x), mlp.activation);
  for (std::size_t i = 1; i + 1 < mlp.layers.size(); ++i) x = activate(mlp.layers[i](x), mlp.activation);
  return segment_sum(x, links);
}

// What the neighbours say, (N, H), the last linear map after the mean: the same, with its cost once a node.
at::Tensor PhyMpgn::messages(const Mlp& mlp, const std::vector<Seen>& seen, const at::Tensor& h) const {
  at::Tensor sum, degree;
  for (const Seen& edges : seen) {
    const at::Tensor of_set = message_sum(mlp, edges, h);
    const at::Tensor count = edges.edges.links.offsets.diff().unsqueeze(1).to(of_set.scalar_type());
    sum = sum.defined() ? sum + of_set : of_set;
    degree = degree.defined() ? degree + count : count;
  }
  const Linear& last = mlp.layers.back();
  if (plan_.options.aggregation == "sum") return row_linear(sum, last.weight) + degree * last.bias;
  return last(sum / degree.clamp_min(1)) * degree.clamp_max(1);  // 0 where there is no neighbour
}

at::Tensor PhyMpgn::learned_rate(const ModelInput& input, const at::Tensor& state) const {
  const at::Tensor features = node_features(input, state), start = node_encoder_(features);
  const std::vector<Seen> seen = seen_edges(input, state, features, start);
  const at::Tensor given = plan_.options.padding ? input.prescribed_mask.all(1, true) : at::Tensor();
  at::Tensor h = start;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    if (l > 0) h = input.halo.to_ghosts(h);  // the encoder saw ghosts that were up to date
    const auto& [message, update] = layers_[l];
    const std::int64_t width = plan_.options.width;
    const Linear& first = update.layers.front();
    at::Tensor x = row_linear(h, first.weight.narrow(1, 0, width), first.bias);
    x.add_(row_linear(messages(message, seen, h), first.weight.narrow(1, width, width)));
    const at::Tensor change = update.from_first(std::move(x));
    if (l + 1 == layers_.size()) return decoder_(change);
    h = h + change;
    if (given.defined()) h = at::where(given, start, h);
  }
  return {};
}

std::vector<at::Tensor> PhyMpgn::prepare(const Graph& graph, const HaloExchange& halo,
                                         const at::Tensor& parameters) const {
  ModelInput input{graph, halo};
  input.state = graph.position;  // for its type and device
  input.parameters = parameters;
  const at::Tensor& shift = graph.edges().shift;
  const auto wraps = [&] {  // a rank may have no edge
    return halo.comm().max(shift.numel() > 0 ? shift.abs().max().item<double>() : 0.0) > 0;
  };
  COTAN_REQUIRE(!(plan_.options.coordinates || laplace_.sees_coordinates()) || !shift.defined() || !wraps(),
                "coordinates differ between glued sides, where the solution does not; expected coordinates: false and "
                "laplace_coordinates: false");
  std::vector<at::Tensor> prepared{edge_offsets(input, graph.edges())};
  for (auto& tensor : plan_.known->prepare(graph)) prepared.push_back(std::move(tensor));
  if (!plan_.flux->empty()) {
    prepared.push_back(edge_offsets(input, graph.edges(kMirror)));
    for (auto& tensor : plan_.flux->prepare(graph)) prepared.push_back(std::move(tensor));
  }
  for (auto& tensor : laplace_.prepare(graph, halo)) prepared.push_back(std::move(tensor));
  return prepared;
}

// The input with what `prepare` says of its graph.
ModelInput PhyMpgn::prepared(const ModelInput& input) const {
  ModelInput result = input;
  if (result.prepared.empty()) result.prepared = prepare(input.graph, input.halo, input.parameters);
  return result;
}

at::Tensor PhyMpgn::laplacian_of(const ModelInput& input, const at::Tensor& state) const {
  const auto own = input.prepared.begin() + static_cast<std::ptrdiff_t>(first_of_laplace());
  const std::vector<at::Tensor> tensors(own, input.prepared.end());
  const at::Tensor where = laplace_.sees_coordinates() ? coordinates(input).to(type()) : at::Tensor();
  return laplace_(tensors, input.graph, input.halo, state.to(type()), where);
}

at::Tensor PhyMpgn::coefficient(const ModelInput& input) const {
  return at_nodes((*plan_.diffusion)(input.parameters, input.graph.num_graphs, input.state, /*positive=*/false),
                  input.graph);
}

at::Tensor PhyMpgn::flux(const ModelInput& input) const {
  return (*plan_.flux)(std::span<const at::Tensor>(input.prepared).subspan(first_of_flux() + 1), input);
}

at::Tensor PhyMpgn::known_terms(const ModelInput& input) const {
  const std::span<const at::Tensor> all(input.prepared);
  const at::Tensor terms = plan_.known->empty() ? at::zeros_like(input.state) : (*plan_.known)(all.subspan(1), input);
  if (plan_.flux->empty()) return terms;
  return terms + input.graph.edges(kMirror).measure.unsqueeze(1) * flux(input);
}

at::Tensor PhyMpgn::forward(const ModelInput& given) const {
  check_shape(given.state.sizes(), {given.graph.num_nodes(), plan_.components}, "state");
  const ModelInput input = prepared(given);
  const at::Tensor state = scaled_state(input);
  const at::ScalarType real = input.state.scalar_type();
  at::Tensor rate = learned_rate(input, state).to(real) *
                    at_nodes(scale(plan_.rate_scale, unit(rate_, input.state), input), input.graph);
  if (plan_.diffusion) {
    const at::Tensor units = at_nodes(scale(plan_.state_scale, unit(state_, input.state), input), input.graph);
    rate = rate + coefficient(input) * units * laplacian_of(input, state).to(real);
  }
  if (!plan_.known->empty() || !plan_.flux->empty()) rate = rate + known_terms(input);
  return rate / unit(target_, rate);
}

// Known terms, and diffusion by an operator that is right from the start: what they leave is the network's to learn.
at::Tensor PhyMpgn::known_rate(const ModelInput& given) const {
  const ModelInput input = prepared(given);
  const std::string& kind = plan_.options.laplace.laplace;
  const at::Tensor terms = known_terms(input);
  if (!plan_.diffusion || kind == "none" || kind == "correction") return terms;
  return terms + coefficient(input) * (kind == "stencil" ? laplacian_of(input, input.state).to(terms.scalar_type())
                                                         : laplacian(input.graph.edges(kLaplacian), input.state));
}

// By power iteration, for a state that is not constant. Of a learned correction nothing is known before it is trained.
double PhyMpgn::stiffness(const ModelInput& given) const {
  const std::string& kind = plan_.options.laplace.laplace;
  if (!plan_.diffusion || kind == "none" || kind == "correction") return 0;
  const at::NoGradGuard no_gradients;
  const ModelInput input = prepared(given);
  const at::Tensor own = input.graph.owned.unsqueeze(1);
  const Comm& comm = input.halo.comm();
  const auto size = [&](const at::Tensor& x) {
    return std::sqrt(comm.sum(at::where(own, x, 0).square().sum().item<double>()));
  };
  at::Tensor x = input.graph.global.to(input.state.scalar_type()).mul(2.399963).cos().unsqueeze(1);
  x = x.expand({-1, plan_.components});
  double largest = 0;
  for (int k = 0; k < 60; ++k) {
    const at::Tensor next =
        kind == "stencil" ? laplacian_of(input, x).to(x.scalar_type()) : laplacian(input.graph.edges(kLaplacian), x);
    largest = size(next) / size(x);
    if (largest == 0) return 0;
    x = input.halo.to_ghosts(next / largest);
  }
  return largest * comm.max(coefficient(input).abs().max().item<double>());
}

void PhyMpgn::accumulate(const ModelInput& input, const at::Tensor& target) {
  const Graph& graph = input.graph;
  const Comm& comm = input.halo.comm();
  state_.accumulate(input.state, graph.owned, comm);
  if (!shape_.inputs.empty()) inputs_.accumulate(input.inputs, graph.owned, comm);
  if (input.parameters.defined()) case_.accumulate(input.parameters, {}, {});  // the same on every rank
  const EdgeSet& edges = graph.edges();
  length_.accumulate(edges.offset.square().sum(1, true).sqrt(), graph.owned.index_select(0, edges.receiver), comm);
  at::Tensor use = graph.owned;
  if (input.prescribed_mask.defined()) use = use.logical_and(input.prescribed_mask.all(1).logical_not());
  target_.accumulate(target, use, comm);
  rate_.accumulate(target - known_rate(input), use, comm);
}

std::vector<NamedTensor> PhyMpgn::parameters() const {
  std::vector<NamedTensor> list;
  node_encoder_.append_to(list, "encoder.nodes");
  edge_encoder_.append_to(list, "encoder.edges");
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    layers_[l].message.append_to(list, "layer." + std::to_string(l) + ".message");
    layers_[l].update.append_to(list, "layer." + std::to_string(l) + ".update");
  }
  decoder_.append_to(list, "decoder");
  laplace_.append_to(list, "laplace");
  return list;
}

std::vector<NamedTensor> PhyMpgn::buffers() const {
  std::vector<NamedTensor> list;
  state_.append_to(list, "statistics.state");
  rate_.append_to(list, "statistics.rate");
  target_.append_to(list, "statistics.target");
  length_.append_to(list, "statistics.length");
  if (!shape_.inputs.empty()) inputs_.append_to(list, "statistics.inputs");
  if (!shape_.parameters.empty()) case_.append_to(list, "statistics.parameters");
  return list;
}

void PhyMpgn::to(const at::TensorOptions& where) {
  for (const auto& parameter : parameters()) parameter.value.set_data(parameter.value.to(where).detach());
  for (const auto& buffer : buffers()) buffer.value.set_data(buffer.value.to(where.dtype(at::kDouble)));
}

}  // namespace

std::unique_ptr<Model> make_phympgn(const Config& options, const ModelShape& shape, std::uint64_t seed) {
  return std::make_unique<PhyMpgn>(plan_of(options, shape), shape, seed);
}

}  // namespace cotan
