#include "mesh/graph.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>
#include <set>

#include "core/check.h"
#include "mesh/dual_volume.h"
#include "mesh/quality.h"
#include "mesh/radius.h"
#include "mesh/radius_edges.h"
#include "tests/checks.h"
#include "tests/meshes.h"

namespace cotan {
namespace {

using namespace testing_checks;
using at::Tensor;
using testing::AllOf;
using testing::HasSubstr;
using testing::Property;
using testing::Throws;

std::vector<std::int64_t> values(const Tensor& t) {
  const Tensor c = t.to(at::kLong).contiguous();
  return {c.const_data_ptr<std::int64_t>(), c.const_data_ptr<std::int64_t>() + c.numel()};
}

// (sender, receiver) of each edge, in the numbers of the whole mesh.
std::multiset<std::pair<std::int64_t, std::int64_t>> pairs(const Graph& g, const std::string& set = "mesh") {
  const auto& e = g.edges(set);
  const auto s = values(g.global.index_select(0, e.sender())), r = values(g.global.index_select(0, e.receiver));
  std::multiset<std::pair<std::int64_t, std::int64_t>> out;
  for (std::size_t k = 0; k < s.size(); ++k) out.emplace(s[k], r[k]);
  return out;
}

meshes::Family linear_meshes() {
  meshes::Family family;
  for (const auto& part : {meshes::triangles(), meshes::tetrahedra(), meshes::surfaces(), meshes::mixed()}) {
    family.insert(family.end(), part.begin(), part.end());
  }
  return family;
}

TEST(Graph, EdgesAreTheMeshsBothWays) {
  for (const auto& [name, mesh] : linear_meshes()) {
    SCOPED_TRACE(name);
    const Graph g = make_graph(mesh);
    const auto& e = g.edges();
    const Adjacency neighbours = point_neighbours(mesh);
    EXPECT_EQ(e.size(), static_cast<std::int64_t>(neighbours.links.size()));
    const auto found = pairs(g);
    for (const auto& [s, r] : found) EXPECT_EQ(found.count({r, s}), 1);
    const Tensor difference = g.position.index_select(0, e.receiver) - g.position.index_select(0, e.sender());
    EXPECT_TRUE(at::equal(e.offset, difference));
    EXPECT_FALSE(e.shift.defined());
    EXPECT_TRUE(at::equal(segment_spread(at::arange(g.num_nodes(), at::kDouble), e.links).to(at::kLong), e.receiver));
    EXPECT_EQ(g.cell_dim, mesh.cell_dim());
    EXPECT_TRUE(g.owned.all().item<bool>());
  }
}

TEST(Graph, DualVolumesSumToTheDomains) {
  for (const auto& [name, mesh] : linear_meshes()) {
    const auto cells = cell_volumes(mesh);
    double total = 0;
    for (double v : cells) total += v;
    const Tensor volume = make_graph(mesh).volume;
    // Bent quads have an area of their own in the dual: the sum of flat pieces, above what quadrature says.
    EXPECT_NEAR(volume.sum().item<double>(), total, (name == "bent_quads" ? 0.05 : 1e-12) * total) << name;
    EXPECT_GT(volume.min().item<double>(), 0) << name;
  }
  // Of a square with its four quads and of a cube with its bricks, by hand.
  const auto square = dual_volumes(rectangle(2, 2, {1, 1}, CellType::quad));
  EXPECT_NEAR(square[4], 0.25, 1e-14);
  EXPECT_NEAR(square[0], 1.0 / 16, 1e-14);
  EXPECT_NEAR(dual_volumes(box(2, 2, 2, {1, 1, 1}, CellType::hexa))[13], 0.125, 1e-14);
}

TEST(Graph, PartsTogetherAreTheWhole) {
  const Mesh mesh = jiggled(rectangle(9, 7), 0.2, 3);
  std::vector<Role> roles(mesh.num_points(), Role::interior);
  for (Index i : mesh.points_of("left")) roles[i] = Role::inflow;
  const Graph whole = make_graph(mesh, roles);
  const Adjacency links = graph_links(mesh);
  const auto owner = block_partitioner()(links, 5);
  double volume = 0;
  std::multiset<std::pair<std::int64_t, std::int64_t>> owned_edges;
  for (int rank = 0; rank < 6; ++rank) {  // the last one owns nothing
    for (int layers : {1, 2}) {
      const Graph g = make_graph(mesh, make_part(links, owner, rank, layers), roles);
      EXPECT_TRUE(at::equal(g.position, whole.position.index_select(0, g.global)));
      EXPECT_TRUE(at::equal(g.role, whole.role.index_select(0, g.global)));
      EXPECT_EQ(g.owned.sum().item<std::int64_t>(), g.num_owned);
      const Tensor degree = g.edges().links.offsets.diff();
      const Tensor full = whole.edges().links.offsets.diff().index_select(0, g.global);
      EXPECT_TRUE(at::logical_or(degree == 0, degree == full).all().item<bool>());
      EXPECT_TRUE(at::equal(degree.masked_select(g.owned), full.masked_select(g.owned)));
      if (layers != 1) continue;
      volume += g.volume.narrow(0, 0, g.num_owned).sum().item<double>();
      for (const auto& [s, r] : pairs(g)) {
        if (owner[r] == rank) owned_edges.emplace(s, r);
      }
    }
  }
  EXPECT_NEAR(volume, 1, 1e-13);
  EXPECT_EQ(owned_edges, pairs(whole));
}

// Every cell that touches an owned point is on its rank, so that sums over cells are whole there.
TEST(Graph, PartsHoldTheCellsOfTheirPoints) {
  const Mesh mesh = box(4, 3, 3);
  const Adjacency links = graph_links(mesh), cells = cells_of_points(mesh);
  const auto owner = block_partitioner()(links, 4);
  for (int rank = 0; rank < 4; ++rank) {
    const Graph g = make_graph(mesh, make_part(links, owner, rank));
    const Tensor count = (g.cell_points.transpose_offsets.diff()).narrow(0, 0, g.num_owned);
    for (std::int64_t i = 0; i < g.num_owned; ++i) {
      const auto point = static_cast<Index>(g.global[i].item<std::int64_t>());
      EXPECT_EQ(count[i].item<std::int64_t>(), static_cast<std::int64_t>(cells[point].size()));
    }
    EXPECT_TRUE(at::equal(g.cell_points.index.reshape({-1, 4}), g.cells));
  }
}

TEST(Graph, MixedMeshesHaveNoCells) {
  EXPECT_FALSE(make_graph(mixed_rectangle(4, 2)).cells.defined());
  EXPECT_EQ(make_graph(rectangle(4, 2, {1, 1}, CellType::quad)).cells.size(1), 4);
}

TEST(Graph, BadRequestsAreNamed) {
  const Mesh mesh = rectangle(3, 3);
  EXPECT_THROW(make_graph(rectangle(2, 2, {1, 1}, CellType::triangle6)), InputError);
  EXPECT_THROW(make_graph(mesh, std::vector<Role>(3)), Error);
  EXPECT_THROW(make_graph(mesh, make_part(graph_links(mesh), block_partitioner()(graph_links(mesh), 2), 0, 0)), Error);
  EXPECT_THAT([&] { make_graph(mesh).edges("wrold"); },
              Throws<Error>(Property(&Error::what, AllOf(HasSubstr("wrold"), HasSubstr("mesh")))));
}

const std::vector<PeriodicPair> kBothWays = {{"left", "right", {1, 0}}, {"bottom", "top", {0, 1}}};

TEST(Periodic, NoPointIsOnABoundary) {
  const Mesh mesh = rectangle(6, 6, {1, 1}, CellType::quad);
  const Graph g = make_graph(mesh, {}, kBothWays);
  EXPECT_TRUE((g.edges().links.offsets.diff() == 4).all().item<bool>());
  const auto& e = g.edges();
  const Tensor difference = g.position.index_select(0, e.receiver) - g.position.index_select(0, e.sender());
  EXPECT_TRUE(near(difference + e.shift, e.offset, 1e-14));
  EXPECT_TRUE(near(e.offset.norm(2, {1}), at::full({e.size()}, 1.0 / 6, at::kDouble), 1e-12));
}

// Triangles: as many neighbours, at the same places, as the point that lies one period of the pattern (two squares) on.
TEST(Periodic, PointsLookLikeTheirTranslates) {
  for (const int n : {2, 4, 8}) {
    const Graph g = make_graph(rectangle(n, n), {}, kBothWays);
    const auto places = [&](std::int64_t i) {
      std::multiset<std::pair<std::int64_t, std::int64_t>> out;
      const Tensor o = g.edges().links.offsets;
      for (auto e = o[i].item<std::int64_t>(); e < o[i + 1].item<std::int64_t>(); ++e) {
        out.emplace(std::llround(g.edges().offset[e][0].item<double>() * n),
                    std::llround(g.edges().offset[e][1].item<double>() * n));
      }
      return out;
    };
    for (int y = 0; y <= n; ++y) {
      for (int x = 0; x <= n; ++x) EXPECT_EQ(places(y * (n + 1) + x), places((y % 2) * (n + 1) + x % 2)) << n;
    }
  }
}

TEST(Periodic, CornersHaveThreeCopies) {
  const auto copies = glued_copies(rectangle(3, 4), kBothWays);
  std::multiset<std::size_t> sizes;
  for (Index i = 0; i < copies.size(); ++i) sizes.insert(copies[i].size());
  EXPECT_EQ(sizes.count(3), 4u);
  EXPECT_EQ(sizes.count(1), 2u * (2 + 3));
  EXPECT_EQ(sizes.count(0), 2u * 3);
}

TEST(Periodic, PartsSeeThroughTheWrap) {
  const Mesh mesh = rectangle(6, 4);
  const Adjacency links = graph_links(mesh, kBothWays);
  const auto owner = block_partitioner()(links, 3);
  const Graph whole = make_graph(mesh, {}, kBothWays);
  std::multiset<std::pair<std::int64_t, std::int64_t>> owned_edges;
  for (int rank = 0; rank < 3; ++rank) {
    for (const auto& [s, r] : pairs(make_graph(mesh, make_part(links, owner, rank), {}, kBothWays))) {
      if (owner[r] == rank) owned_edges.emplace(s, r);
    }
  }
  EXPECT_EQ(owned_edges, pairs(whole));
}

TEST(Periodic, SidesThatDoNotMatchAreRefused) {
  const Mesh mesh = rectangle(4, 3);
  const auto glue = [&](PeriodicPair pair) { return [&mesh, pair] { make_graph(mesh, {}, {{pair}}); }; };
  const auto refused = [](const char* what) { return Throws<InputError>(Property(&Error::what, HasSubstr(what))); };
  EXPECT_THAT(glue({"left", "right", {0.9, 0}}), refused("4 of 4 points meet none when moved by (0.9, 0)"));
  EXPECT_THAT(glue({"left", "right", {0.9, 0}}), refused("ends 0.1 m from the nearest, point 4 at (1, 0)"));
  EXPECT_THAT(glue({"left", "top", {1, 0}}), refused("4 points against 5"));
  EXPECT_THAT(glue({"left", "left", {0, 0}}), refused("meets itself"));
  EXPECT_THAT(glue({"left", "right", {1}}), refused("1 components"));
  EXPECT_THAT(glue({"left", "rihgt", {1, 0}}), refused("right"));
}

// The translation is found, and one point that is off is named with its distance.
TEST(Periodic, SidesAreMatchedByTheTranslationBetweenThem) {
  const Mesh mesh = rectangle(4, 3, {2, 1});
  const auto pair = matching_sides(mesh, "left", mesh.points_of("left"), "right", mesh.points_of("right"));
  EXPECT_EQ(pair.shift, (std::vector<double>{2, 0}));
  EXPECT_EQ(glued_copies(mesh, {{pair}}).links, glued_copies(mesh, {{{"left", "right", {2, 0}}}}).links);
  std::vector<double> points(mesh.points().begin(), mesh.points().end());
  points[2 * 9 + 1] += 0.02;  // on the right
  const Mesh bent = mesh.with_points(points);
  EXPECT_THAT([&] { matching_sides(bent, "left", bent.points_of("left"), "right", bent.points_of("right")); },
              Throws<InputError>(Property(&Error::what, HasSubstr("1 of 4 points meet none when moved by (2, 0); the "
                                                                  "worst, point 5 at (0, 0.333333), ends 0.02 m"))));
}

TEST(Periodic, GluedPointsShareAnUnknown) {
  const Mesh mesh = rectangle(3, 4);
  const Unknowns alone = unknowns_of(mesh), glued = unknowns_of(mesh, kBothWays);
  EXPECT_FALSE(alone.glued());
  EXPECT_EQ(alone.size(), 20);
  EXPECT_EQ(glued.size(), 12);
  for (const Index corner : {0, 3, 16, 19}) EXPECT_EQ(glued.of_point[corner], 0);
  std::vector<double> ones(20, 1.0);
  const auto counts = summed(glued, ones);
  EXPECT_EQ(counts[0], 4);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0.0), 20);
  const auto spread = at_points(glued, counts);
  EXPECT_EQ(spread[19], 4);
  EXPECT_EQ(at_unknowns(glued, spread), counts);
}

TEST(Radius, FindsWhatAllPairsFind) {
  for (const int dim : {1, 2, 3}) {
    for (const double radius : {1e-9, 0.05, 0.4, 3.0, 100.0}) {
      const Tensor x = random_tensor({150, dim}, 4);
      const std::span<const double> points(x.const_data_ptr<double>(), x.numel());
      const RadiusSearch search(points, dim, radius);
      const Tensor distance = (x.unsqueeze(0) - x.unsqueeze(1)).square().sum(2).contiguous();
      const double* d2 = distance.const_data_ptr<double>();
      for (Index i = 0; i < 150; ++i) {
        std::vector<Index> expected;
        for (Index j = 0; j < 150; ++j) {
          if (j != i && d2[i * 150 + j] < radius * radius) expected.push_back(j);
        }
        EXPECT_EQ(search.near(i), expected) << dim << " " << radius;
      }
    }
  }
}

TEST(Radius, GroupsStayApartAndBlowUpIsReported) {
  const std::vector<double> points = {0, 0.1, 0.2, 0.3};
  const std::vector<std::int64_t> group = {0, 1, 0, 1};
  const RadiusSearch search(points, 1, 1, group);
  for (Index i = 0; i < 4; ++i) EXPECT_EQ(search.near(i), std::vector<Index>{(i + 2) % 4});
  EXPECT_THROW(RadiusSearch(std::vector<double>{0, NAN}, 1, 1), NumericsError);
  EXPECT_THROW(RadiusSearch(points, 1, 0), InputError);
}

// Two sheets that fall through each other: their world edges are rebuilt each step, the mesh's stay.
TEST(Graph, WorldEdgesFollowTheState) {
  const Mesh mesh = rectangle(6, 6);
  const Graph sheet = make_graph(mesh);
  Graph rest = batch(std::vector<Graph>{sheet, sheet});
  const Tensor of_sheet = rest.graph_of_node;
  rest.graph_of_node = at::zeros_like(of_sheet);  // one graph of two sheets: those of a batch do not meet
  rest.global = at::arange(rest.num_nodes());
  const Tensor upper = of_sheet.to(at::kDouble).unsqueeze(1);
  const double radius = 0.08;
  Graph graph = rest;
  std::int64_t most = 0;
  for (int step = 0; step < 20; ++step) {
    const Tensor shift = at::tensor({1.5 - 0.15 * step, 0.0}, at::kDouble);
    const Tensor now = rest.position + upper * shift;
    graph = with_edges(graph, radius_edges("world", graph, now, radius, graph.edges("mesh")));
    ASSERT_EQ(graph.edge_sets.size(), 2u);
    const auto& world = graph.edges("world");
    const Tensor apart = now.index_select(0, world.receiver) - now.index_select(0, world.sender());
    EXPECT_TRUE((apart.norm(2, {1}) < radius).all().item<bool>());
    const Tensor same = of_sheet.index_select(0, world.receiver) == of_sheet.index_select(0, world.sender());
    EXPECT_FALSE(same.any().item<bool>()) << "points of one sheet are further apart than the radius";
    // One message over both sets: what a point receives is the number of points near it.
    const Tensor ones = at::ones({graph.num_nodes(), 1}, at::kDouble);
    const Tensor received = segment_sum(gather(ones, world.links), world.links).squeeze(1);
    const Tensor close = (now.unsqueeze(0) - now.unsqueeze(1)).norm(2, {2}) < radius;
    EXPECT_TRUE(at::equal(received, close.sum(1).to(at::kDouble) - 1));
    EXPECT_TRUE(at::equal(graph.edges("mesh").sender(), rest.edges("mesh").sender()));
    most = std::max(most, world.size());
  }
  EXPECT_GT(most, 50);
  EXPECT_EQ(graph.edges("world").size(), 0) << "they have passed each other";
}

TEST(Radius, EdgesOfTheMeshAreLeftOut) {
  const Graph g = make_graph(rectangle(3, 3));
  const auto world = radius_edges("world", g, g.position, 0.5, g.edges());
  for (const auto& pair : pairs(with_edges(g, world), "world")) EXPECT_EQ(pairs(g).count(pair), 0u);
  const auto none = make_edges("none", at::empty({0}, at::kLong), at::empty({0}, at::kLong), g.num_nodes());
  EXPECT_EQ(radius_edges("world", g, g.position, 0.5, none).size(), world.size() + g.edges().size());
}

TEST(Graph, MakeEdgesSortsByReceiver) {
  const Graph g = make_graph(rectangle(4, 3));
  const auto& e = g.edges();
  const Tensor order = std::get<1>(at::sort(random_tensor({e.size()})));
  const EdgeSet again = make_edges("again", e.sender().index_select(0, order), e.receiver.index_select(0, order),
                                   g.num_nodes(), e.offset.index_select(0, order));
  EXPECT_TRUE(at::equal(again.sender(), e.sender()) && at::equal(again.receiver, e.receiver));
  EXPECT_TRUE(at::equal(again.offset, e.offset) && at::equal(again.links.offsets, e.links.offsets));
  EXPECT_TRUE(at::equal(again.links.transpose_entries, e.links.transpose_entries));
}

// A few rounds of something nonlinear over all that a graph holds.
Tensor process(const Graph& g, Tensor u) {
  for (int round = 0; round < 3; ++round) {
    for (const EdgeSet& set : g.edge_sets) {
      const Tensor d = gather(u, set.links) - segment_spread(u, set.links);
      u = u +
          segment_mean((d * (set.offset.defined() ? set.offset.norm(2, {1}, true) : at::ones({1}, d.options()))).tanh(),
                       set.links);
    }
    const Tensor of_cells = segment_mean(gather(u, g.cell_points), g.cell_points);
    u = u + at::zeros_like(u).index_add(0, g.cells.select(1, 0), of_cells.sin()) * g.volume.unsqueeze(1);
  }
  return u;
}

TEST(Graph, ABatchIsItsGraphsSideBySide) {
  std::vector<Graph> graphs;
  for (const Mesh& mesh : {rectangle(4, 3), annulus(9, 2), jiggled(rectangle(5, 5), 0.2, 1)}) {
    const Graph g = make_graph(mesh);
    graphs.push_back(with_edges(g, radius_edges("world", g, g.position, 0.4, g.edges())));
  }
  graphs.push_back(batch(std::vector<Graph>{graphs[1], graphs[0]}));  // a batch in a batch
  const Graph all = batch(graphs);
  EXPECT_EQ(all.num_graphs, 5);
  std::vector<Tensor> inputs, outputs;
  for (const Graph& g : graphs) {
    inputs.push_back(random_tensor({g.num_nodes(), 3}, inputs.size()));
    outputs.push_back(process(g, inputs.back()));
  }
  EXPECT_TRUE(at::equal(process(all, at::cat(inputs)), at::cat(outputs)));
  std::vector<std::int64_t> expected;
  const std::int64_t sizes[] = {graphs[0].num_nodes(), graphs[1].num_nodes(), graphs[2].num_nodes(),
                                graphs[1].num_nodes(), graphs[0].num_nodes()};
  for (std::int64_t k = 0; k < 5; ++k) expected.insert(expected.end(), sizes[k], k);
  EXPECT_EQ(values(all.graph_of_node), expected);
  const auto remade = make_segments(all.edges().links.offsets, all.edges().sender(), all.num_nodes());
  EXPECT_TRUE(at::equal(all.edges().links.transpose_offsets, remade.transpose_offsets));
  EXPECT_TRUE(at::equal(all.edges().links.transpose_entries, remade.transpose_entries));
}

TEST(Graph, BatchesOfUnlikeGraphsAreRefused) {
  const Graph flat = make_graph(rectangle(2, 2)), solid = make_graph(box(1, 1, 1));
  EXPECT_THROW(batch({}), Error);
  EXPECT_THROW(batch(std::vector<Graph>{flat, solid}), Error);
  const Graph more = with_edges(flat, radius_edges("world", flat, flat.position, 0.4, flat.edges()));
  EXPECT_THROW(batch(std::vector<Graph>{flat, more}), Error);
}

TEST(Graph, PeriodicAndPlainGraphsMayShareABatch) {
  const Graph glued = make_graph(rectangle(3, 3), {}, kBothWays), plain = make_graph(rectangle(3, 2));
  const Graph both = batch(std::vector<Graph>{glued, plain});
  const auto& e = both.edges();
  const Tensor difference = both.position.index_select(0, e.receiver) - both.position.index_select(0, e.sender());
  EXPECT_TRUE(near(difference + e.shift, e.offset, 1e-14));
}

TEST(Graph, ToChangesFloatingTensorsOnly) {
  const Graph g = to(make_graph(rectangle(3, 3), {}, kBothWays), at::kFloat);
  EXPECT_EQ(g.position.scalar_type(), at::kFloat);
  EXPECT_EQ(g.edges().offset.scalar_type(), at::kFloat);
  EXPECT_EQ(g.edges().shift.scalar_type(), at::kFloat);
  EXPECT_EQ(g.volume.scalar_type(), at::kFloat);
  EXPECT_EQ(g.role.scalar_type(), at::kLong);
  EXPECT_EQ(g.edges().sender().scalar_type(), at::kLong);
  EXPECT_EQ(g.owned.scalar_type(), at::kBool);
}

}  // namespace
}  // namespace cotan
