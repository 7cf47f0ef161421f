#include "gnn/laplace_block.h"

#include <ATen/ATen.h>

#include "core/check.h"
#include "gnn/edge_offsets.h"
#include "gnn/row_linear.h"
#include "mesh/laplacian.h"
#include "mesh/weighted_differences.h"

namespace cotan {
namespace {

using at::Tensor;

bool corrects(const LaplaceOptions& options) {
  return options.laplace == "learned" || options.laplace == "correction";
}

bool fits(const LaplaceOptions& options) {
  return options.laplace == "stencil" && options.laplace_fit;
}

// What the perceptrons take in: the state and perhaps coordinates; both ends and the edge's attributes.
std::int64_t node_features(const LaplaceOptions& options, std::int64_t components, int dim) {
  return components + (options.laplace_coordinates ? dim : 0);
}

// (graphs) the mean of x (N) over the owned points of each graph on all ranks.
Tensor mean_by_graph(const Tensor& x, const Graph& graph, const Comm& comm) {
  const Tensor own = graph.owned.to(at::kDouble);
  const Tensor rows = at::stack({x.to(at::kDouble) * own, own}, 1);
  Tensor sums = at::zeros({graph.num_graphs, 2}, rows.options()).index_add(0, graph.graph_of_node, rows);
  if (comm.size() > 1) {
    Tensor host = sums.to(at::kCPU).contiguous();
    comm.sum(std::span(host.data_ptr<double>(), static_cast<std::size_t>(host.numel())));
    sums = host.to(sums.device());
  }
  return (sums.select(1, 0) / sums.select(1, 1)).to(x.scalar_type());
}

}  // namespace

LaplaceBlock::LaplaceBlock(const LaplaceOptions& options, std::int64_t components, int dim, const Random& random,
                           std::uint64_t* drawn)
    : options_(options) {
  COTAN_REQUIRE(
      options.laplace != "stencil" || options.laplace_fit ||
          (options.laplace_degree == 2 && options.laplace_points == 0),
      "laplace_fit: false takes the kernel that fits stencils of the usual number of points, exact on quadratic "
      "functions; expected laplace_degree: 2 and laplace_points: 0, or laplace_fit: true");
  if (fits(options)) {
    const auto logarithm = [](const Tensor& x) { return x.log().to(at::kFloat).set_requires_grad(true); };
    const RadialKernel start = fitted_kernel();
    amplitude_ = logarithm(start.amplitude);
    shape_ = logarithm(start.shape);
    ridge_ = logarithm(start.ridge);
  }
  if (!corrects(options)) return;
  const std::int64_t width = options.laplace_width;
  const auto perceptron = [&](std::int64_t in, std::int64_t out) {
    return Mlp(in, width, out, 1, Activation::elu, /*layer_norm=*/false, random, drawn);
  };
  alpha_.push_back(perceptron(node_features(options, components, dim), width));
  for (int i = 0; i < options.laplace_layers; ++i) {
    Mlp message = perceptron(2 * width + 1 + dim, width);
    layers_.push_back({std::move(message), perceptron(2 * width, width)});
  }
  beta_.push_back(perceptron(width, components));
}

std::vector<std::string> LaplaceBlock::edge_sets(const LaplaceOptions& options) {
  if (options.laplace == "none") return {};
  return {options.laplace == "stencil" ? stencil_name(options.laplace_points) : kLaplacian};
}

std::int64_t LaplaceBlock::count(const LaplaceOptions& options, std::int64_t components, int dim) {
  if (fits(options)) return 9;
  if (!corrects(options)) return 0;
  const std::int64_t width = options.laplace_width;
  const auto perceptron = [&](std::int64_t in, std::int64_t out) { return (in + 1) * width + (width + 1) * out; };
  const std::int64_t layer = perceptron(2 * width + 1 + dim, width) + perceptron(2 * width, width);
  return perceptron(node_features(options, components, dim), width) + options.laplace_layers * layer +
         perceptron(width, components);
}

void LaplaceBlock::append_to(std::vector<NamedTensor>& list, const std::string& prefix) const {
  if (amplitude_.defined()) {
    list.push_back({prefix + ".kernel.amplitude", amplitude_});
    list.push_back({prefix + ".kernel.shape", shape_});
    list.push_back({prefix + ".kernel.ridge", ridge_});
  }
  if (!has_correction()) return;
  alpha_.front().append_to(list, prefix + ".alpha");
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    layers_[i].message.append_to(list, prefix + "." + std::to_string(i) + ".message");
    layers_[i].update.append_to(list, prefix + "." + std::to_string(i) + ".update");
  }
  beta_.front().append_to(list, prefix + ".beta");
}

Tensor LaplaceBlock::edge_attributes(const Graph& graph, const HaloExchange& halo) const {
  const EdgeSet& edges = graph.edges(kLaplacian);
  if (options_.laplace_edges != "spacing") return offsets_of_longest(edges, graph, halo.comm());
  return offsets_in_units(edges, graph, mean_by_graph(edges.measure, graph, halo.comm()).pow(1.0 / graph.cell_dim));
}

RadialKernel LaplaceBlock::kernel() const {
  return {amplitude_.to(at::kDouble).softmax(0), shape_.to(at::kDouble).exp(), ridge_.to(at::kDouble).exp()};
}

// First the linear part's weights over its measure (E), unless there is none; then the mean's 1 / in-edges (N, 1), and
// each layer's products with edge attributes (E, width).
std::vector<Tensor> LaplaceBlock::prepare(const Graph& graph, const HaloExchange& halo) const {
  if (options_.laplace == "none") return {};
  const EdgeSet& edges = graph.edges(edge_sets(options_).front());
  Tensor weight = edges.weight;
  if (fits(options_)) weight = stencil_weights(edges, graph.cell_dim, kernel(), options_.laplace_degree);
  COTAN_REQUIRE(weight.defined(), "edge set '" << edges.name << "' has no weights");
  std::vector<Tensor> prepared = {weight / edges.measure.index_select(0, edges.receiver)};
  if (!has_correction()) return prepared;
  const Tensor attributes = edge_attributes(graph, halo).to(alpha_.front().layers.front().weight.scalar_type());
  prepared.push_back(edges.links.offsets.diff().clamp_min(1).unsqueeze(1).to(attributes.scalar_type()).reciprocal());
  for (const Layer& layer : layers_) {
    const Linear& first = layer.message.layers.front();
    prepared.push_back(row_linear(attributes, first.weight.slice(1, 2 * options_.laplace_width), first.bias));
  }
  return prepared;
}

Tensor LaplaceBlock::pass(const Layer& layer, const EdgeSet& edges, const Tensor& of_edges, const Tensor& h) const {
  const std::int64_t width = options_.laplace_width;
  const Tensor& weight = layer.message.layers[0].weight;
  const Tensor of_sender = weight.narrow(1, width, width), of_receiver = weight.narrow(1, 0, width) - of_sender;
  const Tensor first = gather(row_linear(h, of_sender), edges.links) +
                       segment_spread(row_linear(h, of_receiver), edges.links) + of_edges;
  return segment_sum(activate(first, layer.message.activation), edges.links);
}

Tensor LaplaceBlock::operator()(const std::vector<Tensor>& prepared, const Graph& graph, const HaloExchange& halo,
                                const Tensor& u, const Tensor& coordinates) const {
  if (options_.laplace == "none") return at::zeros_like(u);
  const EdgeSet& edges = graph.edges(edge_sets(options_).front());
  const auto linear = [&] { return weighted_differences(edges, prepared[0], u); };
  if (!has_correction()) return linear();
  Tensor h = alpha_.front()(options_.laplace_coordinates ? at::cat({u, coordinates}, 1) : u);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (i > 0) h = halo.to_ghosts(h);  // alpha saw ghosts that were up to date
    const Tensor mean = pass(layers_[i], edges, prepared[2 + i], h) * prepared[1];
    h = h + layers_[i].update(at::cat({h, layers_[i].message.layers[1](mean)}, 1));
  }
  const Tensor correction = options_.laplace_scale * beta_.front()(h) / edges.measure.unsqueeze(1);
  return options_.laplace == "correction" ? correction : linear() + correction;
}

}  // namespace cotan
