#pragma once
#include <string>
#include <vector>

#include "core/options.h"
#include "gnn/layers.h"
#include "mesh/graph.h"
#include "mesh/halo.h"
#include "mesh/stencil.h"

namespace cotan {

inline const std::vector<std::string> kLaplaceKinds = {"none", "mesh", "learned", "correction", "stencil"};

/// Which Laplacian a model applies. The defaults are those of the published cylinder flow. \cite zeng2025
struct LaplaceOptions {
  std::string laplace = "learned";
  std::int64_t laplace_width = 24;
  int laplace_layers = 3;
  bool laplace_coordinates = true;
  std::string laplace_edges = "scaled";
  double laplace_scale = 1;
  int laplace_degree = 2;
  int laplace_points = 0;
  bool laplace_fit = true;
  template <class V>
  void visit(V&& v) {
    v("laplace", laplace,
      "of the state: none; mesh, by linear elements; learned, that and a learned correction; the correction alone; "
      "stencil, by a learned kernel on nearest points: linear, exact on quadratic functions",
      OneOf{kLaplaceKinds});
    v("laplace_width", laplace_width, "of the correction's latent vectors", between(1, 65536));
    v("laplace_layers", laplace_layers, "message-passing steps of the correction", between(1, 100));
    v("laplace_coordinates", laplace_coordinates,
      "the correction sees where points are: exact on its mesh, tied to it");
    v("laplace_edges", laplace_edges,
      "offsets as the correction sees them: over the mesh's longest, from 0 to 1, as published; or over its mean "
      "spacing",
      OneOf{{"scaled", "spacing"}});
    v("laplace_scale", laplace_scale, "what the correction is multiplied by: its size before training", above(0.0));
    v("laplace_fit", laplace_fit,
      "the stencil's kernel is trained with the rest, which costs a solution of its weights a training step; else it "
      "stays as it was fitted to random waves");
    v("laplace_points", laplace_points,
      "of a stencil, with its own: more are more exact and cost more; 0: 5 on lines, 19 in the plane, 45 in space",
      between(0, 1000));
    v("laplace_degree", laplace_degree, "of the polynomials that the stencil is exact on", between(1, 2));
  }
};

/// The Laplacian of each column of a state. With a correction, Lap(u)_i = (L u)_i + scale z_i / measure_i where L and
/// the measure are those of the graph's set "laplacian" and z = beta(layers(alpha([u_i, x_i]))); a layer is message
/// passing with perceptrons of one hidden layer, ELU, mean over in-edges and a residual \cite zeng2025:
///
///   a_i = mean over j of phi([h_i, h_j - h_i, e_ij]),  h_i <- h_i + gamma([h_i, a_i]).
///
/// The first linear map of phi is taken by nodes before the gather and its last one after the mean: the same function,
/// fewer products.
///
/// Of the kind stencil, it is the RBF-FD operator on the set "stencil" \cite fornberg2015, whose kernel's nine numbers
/// may be learned (`laplace_fit`): linear in u, 0 on constants, exact on quadratic functions (or linear ones), free of
/// place and scale, folded into a sparse matrix by `prepare`.
///
/// One floating type for graph, state and parameters.
class LaplaceBlock {
 public:
  /// \param components C of the state \param dim of the mesh's points
  LaplaceBlock(const LaplaceOptions& options, std::int64_t components, int dim, const Random& random,
               std::uint64_t* drawn);

  /// Edge sets of the graph that it reads (`laplacian_edges` and `stencil_edges` make them).
  static std::vector<std::string> edge_sets(const LaplaceOptions& options);
  /// Parameters that such a block has.
  static std::int64_t count(const LaplaceOptions& options, std::int64_t components, int dim);
  /// Whether it looks at coordinates.
  bool sees_coordinates() const { return has_correction() && options_.laplace_coordinates; }

  /// What depends on graph and parameters only, differentiable in these: made once for all evaluations that share
  /// them. Collective.
  std::vector<at::Tensor> prepare(const Graph& graph, const HaloExchange& halo) const;
  /// \param u (N, C), ghosts up to date \param coordinates (N, dim) of the points as the model scales them; where
  /// sees_coordinates() only \return (N, C) [u/m^2]; ghost rows have no meaning. Collective.
  at::Tensor operator()(const std::vector<at::Tensor>& prepared, const Graph& graph, const HaloExchange& halo,
                        const at::Tensor& u, const at::Tensor& coordinates) const;
  void append_to(std::vector<NamedTensor>& list, const std::string& prefix) const;

 private:
  struct Layer {
    Mlp message, update;
  };
  bool has_correction() const { return alpha_.size() > 0; }
  RadialKernel kernel() const;
  at::Tensor edge_attributes(const Graph& graph, const HaloExchange& halo) const;  // (E, 1 + dim)
  at::Tensor pass(const Layer& layer, const EdgeSet& edges, const at::Tensor& of_edges, const at::Tensor& h) const;

  LaplaceOptions options_;
  std::vector<Mlp> alpha_, beta_;  // one each, or none without a correction
  std::vector<Layer> layers_;
  at::Tensor amplitude_, shape_, ridge_;  // of the kernel: logarithms; undefined but for stencils
};

}  // namespace cotan
