#include "physics/convection.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "physics/assembly.h"

namespace cotan {
namespace {

constexpr int kDegree = 3;  // of a product of three linear functions, one of them differentiated: two, and one more

bool is_simplex(CellType type) {
  return type == CellType::line || type == CellType::triangle || type == CellType::tetra;
}

using Vector = std::array<double, 3>;

double dot(const Vector& a, const double* b, int dim) {
  double sum = 0;
  for (int k = 0; k < dim; ++k) sum += a[k] * b[k];
  return sum;
}

}  // namespace

Convection::Convection(const Mesh& mesh, const Unknowns& unknowns) : dim_(mesh.dim()) {
  std::array<int, kNumCellTypes> group_of;
  group_of.fill(-1);
  Index cell = 0;
  for_each_cell(mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    const CellType type = mesh.type(cell++);
    int& number = group_of[static_cast<std::size_t>(type)];
    if (number < 0) {
      number = static_cast<int>(groups_.size());
      groups_.push_back(
          {is_simplex(type), v.num_nodes, is_simplex(type) ? 1 : v.num_points, shape(type).dim, {}, {}, {}, v.values});
    }
    Group& group = groups_[number];
    for (const Index p : nodes) group.unknowns.push_back(unknowns.of_point[p]);
    if (group.simplex) {
      double volume = 0;
      for (const double w : v.weights) volume += w;
      group.weights.push_back(volume);
      group.gradients.insert(group.gradients.end(), v.gradients.begin(), v.gradients.begin() + v.num_nodes * v.dim);
    } else {
      group.weights.insert(group.weights.end(), v.weights.begin(), v.weights.begin() + v.num_points);
      group.gradients.insert(group.gradients.end(), v.gradients.begin(),
                             v.gradients.begin() + std::ptrdiff_t(v.num_points) * v.num_nodes * v.dim);
    }
  });
}

// On a simplex the gradient is constant and b . grad u linear: integral of w_a w_b is volume (1 + [a = b]) over
// (d + 1)(d + 2).
void Convection::add_simplices(const Group& group, double factor, std::span<const std::vector<double>> b,
                               std::span<const std::vector<double>> u, std::span<std::vector<double>> out) const {
  const int n = group.nodes, d = group.cell_dim;
  std::array<Vector, 4> speed{};
  std::array<double, 4> carried{};
  for (std::size_t c = 0; c < group.size(); ++c) {
    const Index* nodes = &group.unknowns[c * n];
    const double* gradients = &group.gradients[c * n * dim_];
    const double scale = factor * group.weights[c] / ((d + 1) * (d + 2));
    for (int a = 0; a < n; ++a) {
      for (int k = 0; k < dim_; ++k) speed[a][k] = b[k][nodes[a]];
    }
    for (std::size_t field = 0; field < u.size(); ++field) {
      Vector slope{};
      for (int a = 0; a < n; ++a) {
        const double value = u[field][nodes[a]];
        for (int k = 0; k < dim_; ++k) slope[k] += value * gradients[a * dim_ + k];
      }
      double sum = 0;
      for (int a = 0; a < n; ++a) sum += carried[a] = dot(speed[a], slope.data(), dim_);
      for (int a = 0; a < n; ++a) out[field][nodes[a]] += scale * (sum + carried[a]);
    }
  }
}

void Convection::add_others(const Group& group, double factor, std::span<const std::vector<double>> b,
                            std::span<const std::vector<double>> u, std::span<std::vector<double>> out) const {
  const int n = group.nodes;
  for (std::size_t c = 0; c < group.size(); ++c) {
    const Index* nodes = &group.unknowns[c * n];
    for (int q = 0; q < group.points; ++q) {
      const double* w = &group.values[std::size_t(q) * n];
      const double* gradients = &group.gradients[(c * group.points + q) * n * dim_];
      Vector speed{};
      for (int a = 0; a < n; ++a) {
        for (int k = 0; k < dim_; ++k) speed[k] += w[a] * b[k][nodes[a]];
      }
      for (std::size_t field = 0; field < u.size(); ++field) {
        double carried = 0;
        for (int a = 0; a < n; ++a) carried += u[field][nodes[a]] * dot(speed, gradients + a * dim_, dim_);
        carried *= factor * group.weights[c * group.points + q];
        for (int a = 0; a < n; ++a) out[field][nodes[a]] += carried * w[a];
      }
    }
  }
}

void Convection::add(double factor, std::span<const std::vector<double>> b, std::span<const std::vector<double>> u,
                     std::span<std::vector<double>> out) const {
  for (const Group& group : groups_) {
    if (group.simplex) {
      add_simplices(group, factor, b, u, out);
    } else {
      add_others(group, factor, b, u, out);
    }
  }
}

// Along b a cell is 2 |b| / sum of |b . grad w| long.
Convection::Speed Convection::largest(std::span<const std::vector<double>> b) const {
  Speed most;
  for (const Group& group : groups_) {
    const int n = group.nodes;
    for (std::size_t c = 0; c < group.size(); ++c) {
      Vector mean{};
      for (int a = 0; a < n; ++a) {
        for (int k = 0; k < dim_; ++k) mean[k] += b[k][group.unknowns[c * n + a]] / n;
      }
      double sum = 0, square = 0;
      const double* gradients = &group.gradients[c * group.points * n * dim_];
      for (int a = 0; a < n; ++a) sum += std::abs(dot(mean, gradients + a * dim_, dim_));
      for (int k = 0; k < dim_; ++k) square += mean[k] * mean[k];
      if (sum == 0) continue;
      most.speed_length = std::max(most.speed_length, 2 * square / sum);
      most.speed_over_length = std::max(most.speed_over_length, sum / 2);
    }
  }
  return most;
}

}  // namespace cotan
