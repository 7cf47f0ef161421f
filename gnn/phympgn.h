#pragma once
#include "core/options.h"
#include "gnn/laplace_block.h"

namespace cotan {

inline const std::vector<std::string> kEdgeScales = {"length_scale", "mesh_maximum"};

/// \cite zeng2025. The published network of the cylinder is `width: 128, layers: 5, encoder: "32, 64", decoder: "64,
/// 32", coordinates: true, edges: mesh_maximum, roles: "interior, obstacle, inflow, outflow"` with the scales of its
/// parameters.
struct PhyMpgnOptions {
  std::int64_t width = 64;
  std::int64_t layers = 3;
  int hidden = 3;
  std::string encoder = "32, 48";
  std::string decoder = "32";
  std::string activation = "elu";
  std::string aggregation = "mean";
  std::string roles = "interior, obstacle, inflow, outflow";
  bool coordinates = false;
  bool sees_parameters = false;
  std::string edges = "length_scale";
  bool padding = true;
  double gain = 1;
  std::string diffusion = "";
  std::string known = "";
  std::string flux = "";
  bool images = true;
  std::string state_scale = "data";
  std::string rate_scale = "data";
  std::string length_scale = "data";
  LaplaceOptions laplace = {};
  template <class V>
  void visit(V&& v) {
    v("width", width, "of latent vectors and of the hidden layers of messages and updates", between(1, 65536));
    v("layers", layers, "message-passing layers: how many edges far an evaluation sees", between(1, 1000));
    v("hidden", hidden, "hidden layers of each message and update perceptron", between(1, 16));
    v("encoder", encoder, "widths of the encoders' hidden layers");
    v("decoder", decoder, "widths of the decoder's hidden layers");
    v("activation", activation, "of hidden layers", OneOf{kActivationNames});
    v("aggregation", aggregation, "of messages at their receiver", OneOf{{"sum", "mean"}});
    v("roles", roles, "that it tells apart; points of others are to it as those of the first");
    v("coordinates", coordinates,
      "nodes see where they are, in units of the length scale: ties it to one mesh's place");
    v("sees_parameters", sees_parameters, "nodes see the case's parameters, beside those in its formulas");
    v("edges", edges, "offsets in units of the length scale, or of the longest edge of each mesh (as published)",
      OneOf{kEdgeScales});
    v("padding", padding, "latents of points with given values are put back to the encoder's after each layer");
    v("gain", gain,
      "of the first weights: 1 as published, whose signals fade from layer to layer; 1.7 keeps their size", above(0.0));
    v("diffusion", diffusion,
      "the known diffusion coefficient [m^2/s], a formula of the parameters: one for all components, or one for each, "
      "separated by commas; empty: none is known");
    laplace.visit(v);
    v("known", known,
      "other parts of the rate that are known: a formula for each component, separated by commas, of the state's and "
      "inputs' components (velocity_x), their first and second derivatives (velocity_x_dy, k_dxx) and parameters; "
      "empty: none");
    v("flux", flux,
      "what comes in through free sides, diffusion * du/dn, formulas likewise (also of roles: is_wall is 1 at walls): "
      "a "
      "given flux, q * is_obstacle, or one by the state, c * (ambient - u); empty: none comes in");
    v("images", images,
      "with a flux: points of free sides see their neighbours' images, with what the flux makes of them");
    v("state_scale", state_scale, "units of the state it works in: formulas likewise, or data: deviation in training");
    v("rate_scale", rate_scale, "units of its rate likewise; data: deviation of what diffusion leaves to be learned");
    v("length_scale", length_scale, "unit of lengths [m]: a formula, or data: the mean edge in training");
  }
};

/// A row of the table of models: du/dt = coefficient * Laplacian(u) + network(u), the network an encoder, layers of
/// messages and a decoder without normalisation layers. \throw InputError naming line and key
std::unique_ptr<Model> make_phympgn(const Config& options, const ModelShape& shape, std::uint64_t seed);
std::vector<std::string> edge_sets_of_phympgn(const Config& options);
std::int64_t count_phympgn(const Config& options, const ModelShape& shape);

}  // namespace cotan
