#pragma once
#include "core/options.h"
#include "gnn/layers.h"

namespace cotan {

/// The defaults are the published network's; smaller ones (width 48, 6 blocks) train in minutes on two cores.
struct MeshGraphNetOptions {
  std::int64_t width = 128;
  std::int64_t blocks = 15;
  int hidden = 2;
  std::string activation = "relu";
  std::string aggregation = "sum";
  std::string node_update = "before_residual";
  bool layer_norm = true;
  int history = 0;
  std::string prescribed = "next";
  std::string predicts = "increment";
  std::string edge_sets = "mesh";
  double world_radius = 0;
  bool recompute = false;
  template <class V>
  void visit(V&& v) {
    v("width", width, "of latent vectors and hidden layers", between(1, 65536));
    v("blocks", blocks, "message-passing steps: how many edges far a step sees", between(1, 1000));
    v("hidden", hidden, "hidden layers of each perceptron", between(1, 16));
    v("activation", activation, "of hidden layers", OneOf{kActivationNames});
    v("aggregation", aggregation, "of messages at their receiver", OneOf{{"sum", "mean"}});
    v("node_update", node_update, "sees the edges' change, or the edges after it was added",
      OneOf{{"before_residual", "after_residual"}});
    v("layer_norm", layer_norm, "after each perceptron but the decoder");
    v("history", history, "earlier frames seen, as a difference", between(0, 1));
    v("prescribed", prescribed, "what is seen of prescribed values: nothing, which there are, their next change, both",
      OneOf{{"none", "mask", "change", "next"}});
    v("predicts", predicts, "the change over a step, or the rate of change", OneOf{{"increment", "rate"}});
    v("edge_sets", edge_sets, "names of the graph's edge sets, with commas");
    v("world_radius", world_radius,
      "edge set `world`: points closer than that [m] which the mesh does not join, anew each step; 0: none",
      at_least(0.0));
    v("recompute", recompute, "activations in the backward pass instead of keeping them: less memory, more time");
  }
};

/// Encoder, processor, decoder on a mesh's edges; \cite pfaff2021. Inputs of a node, normalised: the state fields as
/// their use says (values, their last change too where history is 1; last changes; nothing), input fields, the case's
/// parameters, one-hot role, prescribed components of what is not predicted as a value. Inputs of an edge: difference
/// and length by the position field where there is one, offset and length in the mesh where the edge set has offsets,
/// so the network commutes with translations and renumberings.
std::unique_ptr<Model> make_mesh_graph_net(const Config& options, const ModelShape& shape, std::uint64_t seed);
/// The parameters that it would have. \throw InputError as make_mesh_graph_net
std::vector<std::string> edge_sets_of_mesh_graph_net(const Config& options);
std::int64_t count_mesh_graph_net(const Config& options, const ModelShape& shape);

}  // namespace cotan
