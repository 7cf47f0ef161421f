#include "gnn/layers.h"

#include "core/check.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using namespace testing_checks;

TEST(Linear, IsAnAffineMapWithBoundedWeights) {
  std::uint64_t drawn = 3;
  const Linear layer(25, 40, Random(1, purpose::weights), &drawn);
  EXPECT_EQ(drawn, 3u + 25 * 40 + 40);
  const at::Tensor x = random_tensor({7, 25}).to(at::kFloat);
  EXPECT_TRUE(near(layer(x), at::matmul(x, layer.weight.t()) + layer.bias, 1e-6));
  // Uniform within 1 / sqrt(25): variance bound^2 / 3.
  EXPECT_LE(layer.weight.abs().max().item<double>(), 0.2);
  EXPECT_NEAR(layer.weight.square().mean().item<double>(), 0.04 / 3, 0.001);
  EXPECT_TRUE(layer.weight.requires_grad() && layer.bias.is_leaf());
}

TEST(Activation, DerivativesMeetDifferences) {
  const at::Tensor x = random_tensor({30}) + 0.01;
  for (const auto& name : kActivationNames) {
    const Activation activation = activation_from(name);
    EXPECT_TRUE(check_gradient([&](const at::Tensor& y) { return activate(y * 1.0, activation); }, x)) << name;
  }
  EXPECT_THROW(activation_from("rleu"), InputError);
}

TEST(Mlp, NormalisesItsOutputUnlessADecoder) {
  std::uint64_t drawn = 0;
  const Random random(1, purpose::weights);
  const at::Tensor x = random_tensor({9, 4}).to(at::kFloat);
  const at::Tensor with = Mlp(4, 16, 32, 2, Activation::relu, true, random, &drawn)(x);
  EXPECT_LT(with.mean(1).abs().max().item<double>(), 1e-6);
  EXPECT_NEAR(with.square().mean(1).max().item<double>(), 1, 1e-2);
  const Mlp decoder(4, 16, 3, 1, Activation::relu, false, random, &drawn);
  const at::Tensor hidden = at::relu(decoder.layers[0](x));
  EXPECT_TRUE(near(decoder(x), decoder.layers[1](hidden), 1e-6));
  EXPECT_TRUE(near(decoder.from_first(decoder.layers[0](x)), decoder(x), 0));
}

TEST(Mlp, NamesItsTensorsInOrder) {
  std::uint64_t drawn = 0;
  std::vector<NamedTensor> list;
  Mlp(2, 3, 1, 1, Activation::relu, true, Random(1, purpose::weights), &drawn).append_to(list, "a.b");
  std::vector<std::string> names;
  for (const auto& entry : list) names.push_back(entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a.b.0.weight", "a.b.0.bias", "a.b.1.weight", "a.b.1.bias",
                                             "a.b.norm.weight", "a.b.norm.bias"}));
}

TEST(Normaliser, MergedPiecesEqualTheWholeAtAnyOffset) {
  for (const double offset : {0.0, 1e8}) {  // sums of squares would lose everything at 1e8
    const at::Tensor x = random_tensor({1000, 3}) * at::tensor({1.0, 5.0, 0.1}, at::kDouble) + offset;
    Normaliser statistics(3);
    for (const auto& [first, last] : {std::pair(0, 1), std::pair(1, 400), std::pair(400, 1000)}) {
      statistics.accumulate(x.slice(0, first, last), {}, {});
    }
    EXPECT_EQ(statistics.count.item<double>(), 1000);
    EXPECT_TRUE(near(statistics.mean, x.mean(0), 1e-14));
    const at::Tensor expected = (x - x.mean(0)).square().mean(0).sqrt();
    EXPECT_TRUE(near(statistics.standard_deviation(), expected, offset == 0 ? 1e-14 : 1e-6));
  }
}

TEST(Normaliser, GivesMeanZeroAndVarianceOneAndItsInverse) {
  const at::Tensor x = random_tensor({500, 2}) * 3 + 7;
  Normaliser statistics(2);
  statistics.accumulate(x, {}, {});
  const at::Tensor y = statistics.normalise(x);
  EXPECT_LT(y.mean(0).abs().max().item<double>(), 1e-14);
  EXPECT_TRUE(near(y.square().mean(0), at::ones({2}, at::kDouble), 1e-14));
  EXPECT_TRUE(near(statistics.physical(y), x, 1e-15));
  EXPECT_EQ(statistics.normalise(x.to(at::kFloat)).scalar_type(), at::kFloat);
}

TEST(Normaliser, TakesTheRowsItIsTold) {
  at::Tensor x = random_tensor({6, 2});
  x[4].fill_(NAN);  // a ghost row, never filled
  const at::Tensor use = at::tensor({1, 1, 0, 1, 0, 1}, at::kLong).to(at::kBool);
  Normaliser some(2), same(2), none(2);
  some.accumulate(x, use, {});
  same.accumulate(x.index_select(0, at::tensor({0, 1, 3, 5}, at::kLong)), {}, {});
  EXPECT_TRUE(near(some.mean, same.mean, 0));
  EXPECT_TRUE(near(some.m2, same.m2, 0));
  none.accumulate(x, at::zeros({6}, at::kBool), {});
  EXPECT_EQ(none.count.item<double>(), 0);
  EXPECT_TRUE(near(none.normalise(same.mean), same.mean, 0));
}

TEST(Normaliser, PassesConstantsThroughCentredAndPredictsThemAsTheyWere) {
  Normaliser statistics(2);
  // 0.1 is no binary number: its mean over a thousand differs from it in the last bit.
  for (int k = 0; k < 3; ++k) statistics.accumulate(at::full({333, 2}, 0.1, at::kDouble), {}, {});
  EXPECT_TRUE(near(statistics.standard_deviation(), at::zeros({2}, at::kDouble), 0));
  EXPECT_NEAR(statistics.normalise(at::full({1, 2}, 0.6, at::kDouble))[0][0].item<double>(), 0.5, 1e-12);
  EXPECT_TRUE(near(statistics.physical(at::full({1, 2}, 3.0, at::kDouble)), at::full({1, 2}, 0.1, at::kDouble), 1e-12));
  const at::Tensor any = at::full({1, 2}, 3.0, at::kDouble);
  EXPECT_TRUE(near(Normaliser(2).physical(any), any, 0));
}

}  // namespace
}  // namespace cotan
