// A network that others trained and published, run by our layers and edge handling: an agreement with work that is not
// ours. tests/data/ATTRIBUTION.md says where it is from.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "gnn/checkpoint.h"
#include "gnn/layers.h"
#include "io/safetensors.h"
#include "mesh/graph.h"
#include "source_dir.h"

namespace cotan {
namespace {

using at::Tensor;

class Published {
 public:
  explicit Published(at::ScalarType type)
      : file_(read_safetensors(COTAN_SOURCE_DIR "/tests/data/gnn_laminar_flow.safetensors")), type_(type) {}

  Tensor operator[](const std::string& name) const {
    const Tensor t = from_host(file_.tensors.at(name));
    return t.is_floating_point() ? t.to(type_) : t.to(at::kLong);
  }

  // Two dense layers with swish after both; the last row of an array is the bias.
  Tensor dense(const std::string& name, const Tensor& x) const {
    const Random random(1, purpose::weights);
    std::uint64_t drawn = 0;
    const Tensor first = (*this)[name + ".hid_layer"], second = (*this)[name + ".out_layer"];
    Mlp mlp(x.size(1), first.size(1), second.size(1), 1, Activation::silu, false, random, &drawn);
    int l = 0;
    for (const Tensor& array : {first, second}) {
      mlp.layers[l].weight = array.narrow(0, 0, array.size(0) - 1).t();
      mlp.layers[l++].bias = array[-1];
    }
    return activate(mlp(x), Activation::silu);
  }

 private:
  TensorFile file_;
  at::ScalarType type_;
};

// The file's edges stand once each; ours in both directions, in the order of receivers.
EdgeSet both_ways(const Tensor& edges, std::int64_t nodes) {
  const Tensor a = edges.select(1, 0), b = edges.select(1, 1);
  return make_edges("mesh", at::cat({a, b}), at::cat({b, a}), nodes);
}

Tensor run(const Published& net) {
  const at::NoGradGuard quiet;
  const Tensor nodes = net["reference.nodes"], place = nodes.narrow(1, 0, 2);
  const EdgeSet edges = both_ways(net["reference.edges"], nodes.size(0));
  const auto ends = [&](const Tensor& h) { return std::pair(gather(h, edges.links), segment_spread(h, edges.links)); };
  const auto mean_of_ends = [&](const Tensor& h) {
    const auto [sender, receiver] = ends(h);
    return (sender + receiver) / 2;
  };
  Tensor h = nodes, e = mean_of_ends(nodes);
  for (int layer = 0; layer < 8; ++layer) {
    const std::string name = "layer" + std::to_string(layer);
    const auto [sender, receiver] = ends(h);
    e = net.dense(name + ".message_fn_edge", at::cat({mean_of_ends(h), (sender - receiver).abs() / 2, e}, 1));
    h = net.dense(name + ".message_fn_node", at::cat({h, segment_sum(e, edges.links)}, 1));
    h = at::cat({place, segment_mean(mean_of_ends(h), edges.links)}, 1);
  }
  return at::linear(h, net["layer8.kernel"].t(), net["layer8.bias"]);
}

TEST(PublishedNetwork, GivesItsReferenceOutput) {
  const Published twice(at::kDouble), single(at::kFloat);
  const Tensor expected = twice["reference.output"];
  ASSERT_EQ(expected.size(0), 2480);
  EXPECT_LT((run(twice) - expected).abs().max().item<double>(), 1e-12);
  EXPECT_LT((run(single).to(at::kDouble) - expected).abs().max().item<double>(), 5e-6);
}

}  // namespace
}  // namespace cotan
