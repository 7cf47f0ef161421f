#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "integrators/state.h"
#include "mesh/field.h"
#include "mesh/graph.h"
#include "mesh/halo.h"

namespace cotan {

/// A tensor of a model under its name in checkpoints: a parameter (with gradient) or a buffer (statistics).
struct NamedTensor {
  std::string name;
  at::Tensor value;
};

/// What a network sees of a state field at a node.
enum class Sees { nothing, value, change };  ///< the change since the frame before
inline const std::vector<std::string> kSeesNames = {"nothing", "value", "change"};

/// How a state field is learned.
struct FieldUse {
  int order = 1;  ///< of the difference predicted: 0 u(t + dt), 1 u(t + dt) - u(t), 2 u(t + dt) - 2 u(t) + u(t - dt)
  Sees sees = Sees::value;
  bool is_position = false;  ///< of the points, which move: edges see its differences [m]
  bool operator==(const FieldUse&) const = default;
};

/// From the keys `order`, `sees` and `position` of a map, each with its default: what is seen of a field of order 0 is
/// nothing, of order 2 its change, of a position nothing. \throw InputError naming line and key
FieldUse read_field_use(const Config& field);

/// The widths a model is built for. They come from the configuration, never from data.
struct ModelShape {
  std::vector<FieldSpec> state;         ///< fields that the model moves; their components make C, in this order
  std::vector<FieldSpec> inputs;        ///< static and time-varying input fields; their components make K
  std::vector<std::string> parameters;  ///< of the case; P of them
  int dim = 2;                          ///< of the mesh
  std::vector<FieldUse> uses = {};      ///< of the state fields in their order; empty: all as the default
  FieldUse use(std::size_t field) const { return uses.empty() ? FieldUse{} : uses.at(field); }
};

/// Components of all fields together: C of a state, K of the inputs.
std::int64_t num_components(std::span<const FieldSpec> fields);

/// The state's fields side by side, (N, C), and apart again. \pre fields of that shape
at::Tensor columns_of(const ModelShape& shape, const State& state);
State fields_of(const ModelShape& shape, const at::Tensor& columns);

/// What a prediction is added to: 0, u(t) or 2 u(t) - u(t - dt), as the order of each field says. (N, C)
/// \param previous (N, C); may be undefined where no field is of order 2
at::Tensor base_of(const ModelShape& shape, const at::Tensor& state, const at::Tensor& previous);

/// What a model sees: tensors in their own units (the model normalises), on the model's device.
struct ModelInput {
  const Graph& graph;
  const HaloExchange& halo;
  double t = 0, dt = 0;                   ///< [s]
  at::Tensor state = {};                  ///< (N, C) at t, ghosts up to date
  at::Tensor previous = {};               ///< (N, C) at t - dt; undefined where the model has no history
  at::Tensor inputs = {};                 ///< (N, K) at t; undefined where K = 0
  at::Tensor parameters = {};             ///< (graphs, P); undefined where P = 0
  at::Tensor prescribed_mask = {};        ///< (N, C) bool: components given at t + dt
  at::Tensor prescribed_next = {};        ///< (N, C) their values at t + dt, 0 elsewhere
  std::vector<at::Tensor> prepared = {};  ///< what Model::prepare said of this graph; empty: the model makes it itself
};

/// A learned simulator: what it predicts, and the tensors it predicts with.
/// Parameters are plain tensors with names, so that checkpoints need no framework; see gnn/layers.h.
class Model {
 public:
  enum class Predicts { rate, increment };  ///< du/dt [u/s], or u(t + dt) - u(t) [u]
  virtual ~Model() = default;
  virtual const ModelShape& shape() const = 0;
  virtual Predicts predicts() const = 0;
  virtual int history() const { return 0; }                          ///< earlier frames it needs: 0 or 1
  virtual std::vector<std::string> edge_sets() const { return {}; }  ///< of the graph, that it reads
  /// What follows from the graph and the parameters alone, such as the weights of an operator: made once for the many
  /// evaluations of a rollout, differentiable in the parameters. What the tensors are is the model's own business.
  /// \param parameters (graphs, P) or undefined
  virtual std::vector<at::Tensor> prepare(const Graph&, const HaloExchange&, const at::Tensor& /*parameters*/) const {
    return {};
  }
  /// The largest eigenvalue by absolute value [1/s] of what it knows of its rate, such as diffusion: explicit steps are
  /// limited by it. 0 where it knows nothing. Collective.
  virtual double stiffness(const ModelInput&) const { return 0; }
  /// (N, C), normalised: what the loss compares with `normalise_target`. Ghost rows are not meaningful.
  virtual at::Tensor forward(const ModelInput& input) const = 0;
  virtual at::Tensor normalise_target(
      const at::Tensor& target) const = 0;  ///< rate or increment in its units -> normalised
  virtual at::Tensor physical(const at::Tensor& normalised) const = 0;  ///< the inverse
  /// Takes a sample into the running statistics (owned rows; sums over ranks). Collective.
  virtual void accumulate(const ModelInput& input, const at::Tensor& target) = 0;
  virtual std::vector<NamedTensor> parameters() const = 0;  ///< in a fixed order; values require gradients
  virtual std::vector<NamedTensor> buffers() const = 0;     ///< statistics of the normalisers (double)
  /// Moves parameters (device, floating type) in place; buffers keep double.
  virtual void to(const at::TensorOptions& where) = 0;
  virtual std::string echo() const = 0;  ///< its options as YAML: rebuilds the same model
  std::int64_t num_parameters() const;
};

/// A row of the table of models (models.cpp).
struct ModelEntry {
  std::string_view name, about;
  std::unique_ptr<Model> (*make)(const Config& options, const ModelShape& shape, std::uint64_t seed);
  /// Numbers that such a model would learn, before memory is asked for. \throw InputError as make
  std::int64_t (*count)(const Config& options, const ModelShape& shape);
  /// Edge sets that its graphs bring (Model::edge_sets). \throw InputError for a wrong option
  std::vector<std::string> (*edge_sets)(const Config& options);
  std::string (*describe)();  ///< the options with defaults and ranges, for --help
};
std::span<const ModelEntry> models();
/// \throw InputError listing the names, or naming a wrong option's line
std::unique_ptr<Model> make_model(std::string_view name, const Config& options, const ModelShape& shape,
                                  std::uint64_t seed);
/// Edge sets that the graphs of such a model bring. \throw InputError as make_model
std::vector<std::string> edge_sets_of(std::string_view name, const Config& options);
/// Parameters that make_model would make. \throw InputError as make_model
std::int64_t count_parameters(std::string_view name, const Config& options, const ModelShape& shape);

}  // namespace cotan
