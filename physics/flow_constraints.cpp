#include "physics/flow_constraints.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/check.h"
#include "mesh/quality.h"
#include "mesh/vector3.h"
#include "physics/assembly.h"

namespace cotan {
namespace {

constexpr double kSmooth = 0.766;     // cosine of the angle at which two slip facets make a corner: 40 degrees
constexpr double kIndependent = 0.3;  // sine of the least angle between a direction and those fixed before

Vec3 unit(const Vec3& a) {
  return (1 / norm(a)) * a;
}

// A direction that is an axis but for rounding is made one.
Vec3 snapped(Vec3 a) {
  for (int k = 0; k < 3; ++k) {
    if (std::abs(a[k]) < 1 - 1e-12) continue;
    const double sign = std::copysign(1, a[k]);
    a = {};
    a[k] = sign;
  }
  return a;
}

bool is_axis(const Vec3& a) {
  return std::count(a.begin(), a.end(), 0.0) == 2;
}

// The normals of the slip sides at a node: of facets that meet smoothly their mean.
struct Meeting {
  struct Group {
    Vec3 sum{};
    std::size_t side;
  };
  std::vector<Group> groups;

  void add(const Vec3& normal, double size, std::size_t side) {
    for (Group& group : groups) {
      if (dot(unit(group.sum), normal) < kSmooth) continue;
      group.sum = group.sum + size * normal;
      group.side = side;
      return;
    }
    groups.push_back({size * normal, side});
  }
};

double size_of(const Mesh& mesh, Facet facet) {
  const auto area = facet_area(mesh, facet);
  return std::sqrt(std::inner_product(area.begin(), area.end(), area.begin(), 0.0));
}

}  // namespace

VelocityConstraints::VelocityConstraints(std::shared_ptr<const TaylorHood> space,
                                         const std::vector<Prescription>& fixed, const std::vector<NormalSide>& normals,
                                         const std::map<std::string, double>& parameters)
    : space_(std::move(space)), number_of_(space_->num_nodes, -1) {
  add_fixed(fixed, parameters);
  add_normals(normals);
  complete_axes();
  evaluate(0, false, given_);
}

// One direction more at a node, made orthogonal to those before; left out where it depends on them.
void VelocityConstraints::constrain(Index node, Vector direction, Index given) {
  Index& number = number_of_[node];
  if (number < 0) {
    number = static_cast<Index>(nodes_.size());
    nodes_.push_back({node, 0, true, {}, {}, {}, {}});
  }
  Node& at = nodes_[number];
  if (at.count == space_->dim) return;
  Vec3 rest = direction, by_given{};
  by_given[at.count] = 1;
  for (int m = 0; m < at.count; ++m) {
    const double share = dot(at.axes[m], direction);
    rest = rest - share * at.axes[m];
    by_given = by_given - share * at.from_given[m];
  }
  const double length = norm(rest);
  if (length < kIndependent) return;
  at.axes[at.count] = snapped((1 / length) * rest);
  at.from_given[at.count] = (1 / length) * by_given;
  at.given[at.count] = given;
  at.along_axes = at.along_axes && is_axis(at.axes[at.count]);
  ++at.count;
}

void VelocityConstraints::add_fixed(const std::vector<Prescription>& fixed,
                                    const std::map<std::string, double>& parameters) {
  for (const Prescription& entry : fixed) {
    Source source{{entry.value, parameters, entry.where}, static_cast<Index>(given_.size()), {}};
    Vector axis{};
    axis[entry.component] = 1;
    for (const Index p : entry.points) {
      const auto x = space_->mesh->point(p);
      source.points.insert(source.points.end(), x.begin(), x.end());
      constrain(p, axis, static_cast<Index>(given_.size()));
      given_.push_back(0);
    }
    sources_.push_back(std::move(source));
  }
}

void VelocityConstraints::add_normals(const std::vector<NormalSide>& normals) {
  const Mesh& mesh = *space_->mesh;
  std::map<Index, Meeting> meetings;
  for (std::size_t side = 0; side < normals.size(); ++side) {
    for (const Facet facet : normals[side].facets) {
      const auto nodes = facet_nodes(mesh, facet);
      const auto at_nodes = facet_node_normals(mesh, facet);
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        meetings[nodes[i]].add(point3(at_nodes, mesh.dim(), Index(i)), size_of(mesh, facet), side);
      }
    }
  }
  for (std::size_t side = 0; side < normals.size(); ++side) {
    Source source{normals[side].value, static_cast<Index>(given_.size()), {}};
    for (const auto& [node, meeting] : meetings) {
      for (const auto& group : meeting.groups) {
        if (group.side != side) continue;
        const auto x = mesh.point(node);
        source.points.insert(source.points.end(), x.begin(), x.end());
        constrain(node, snapped(unit(group.sum)), static_cast<Index>(given_.size()));
        given_.push_back(0);
      }
    }
    sources_.push_back(std::move(source));
  }
}

// Free directions, and the row that each direction takes: the one that it points along most.
void VelocityConstraints::complete_axes() {
  const int dim = space_->dim;
  for (Node& at : nodes_) {
    for (int found = at.count; found < dim; ++found) {
      Vec3 best{};
      for (int k = 0; k < dim; ++k) {
        Vec3 rest{};
        rest[k] = 1;
        for (int m = 0; m < found; ++m) rest = rest - at.axes[m][k] * at.axes[m];
        if (norm(rest) > norm(best)) best = rest;
      }
      at.axes[found] = snapped(unit(best));
    }
    std::array<bool, 3> taken{};
    for (int m = 0; m < dim; ++m) {
      int most = -1;
      for (int k = 0; k < dim; ++k) {
        if (!taken[k] && (most < 0 || std::abs(at.axes[m][k]) > std::abs(at.axes[m][most]))) most = k;
      }
      taken[most] = true;
      at.row[m] = most;
    }
  }
}

void VelocityConstraints::evaluate(double t, bool moving, std::vector<double>& given) const {
  std::vector<double> values;
  for (const Source& source : sources_) {
    if (source.value.depends_on_time() != moving) continue;
    source.value.at(source.points, space_->dim, t, values);
    std::copy(values.begin(), values.end(), given.begin() + source.first);
  }
}

void VelocityConstraints::impose(double t, std::span<double> x) const {
  std::vector<double> given = given_;
  evaluate(t, true, given);
  const int dim = space_->dim;
  for (const Node& at : nodes_) {
    Vec3 u{};
    for (int k = 0; k < dim; ++k) u[k] = x[space_->velocity(at.node, k)];
    for (int m = 0; m < at.count; ++m) {
      double value = 0;
      for (int j = 0; j <= m; ++j) value += at.from_given[m][j] * given[at.given[j]];
      u = u + (value - dot(at.axes[m], u)) * at.axes[m];
    }
    for (int k = 0; k < dim; ++k) x[space_->velocity(at.node, k)] = u[k];
  }
}

void VelocityConstraints::restrict_product(std::span<const double> x, std::span<double> product) const {
  const int dim = space_->dim;
  for (const Node& at : nodes_) {
    Vec3 row{}, u{};
    for (int k = 0; k < dim; ++k) {
      row[k] = product[space_->velocity(at.node, k)];
      if (!x.empty()) u[k] = x[space_->velocity(at.node, k)];
    }
    for (int m = 0; m < dim; ++m) {
      product[space_->velocity(at.node, at.row[m])] = dot(at.axes[m], m < at.count ? u : row);
    }
  }
}

void VelocityConstraints::restrict_rows(std::span<double> residual) const {
  restrict_product({}, residual);
}

void VelocityConstraints::restrict_matrix(SparseMatrix& matrix) const {
  const int dim = space_->dim;
  std::array<std::vector<double>, 3> rows;
  for (const Node& at : nodes_) {
    const auto range = [&](int k) {
      const auto dof = space_->velocity(at.node, k);
      return std::span(matrix.values).subspan(matrix.offsets[dof], matrix.offsets[dof + 1] - matrix.offsets[dof]);
    };
    for (int k = 0; k < dim; ++k) rows[k].assign(range(k).begin(), range(k).end());
    for (int m = 0; m < dim; ++m) {
      const auto row = range(at.row[m]);
      if (m >= at.count && is_axis(at.axes[m])) continue;  // stays, but for its sign
      std::fill(row.begin(), row.end(), 0.0);
      for (int k = 0; k < dim; ++k) {
        const double share = at.axes[m][k];
        if (share == 0) continue;
        if (m < at.count) {
          const auto first = matrix.columns.begin() + matrix.offsets[space_->velocity(at.node, at.row[m])];
          const auto found = std::lower_bound(first, first + row.size(), space_->velocity(at.node, k));
          row[found - first] = share;
        } else {
          for (std::size_t i = 0; i < row.size(); ++i) row[i] += share * rows[k][i];
        }
      }
    }
  }
}

std::vector<char> VelocityConstraints::turned() const {
  std::vector<char> turned(space_->num_nodes, 0);
  for (const Node& at : nodes_) turned[at.node] = !at.along_axes;
  return turned;
}

bool VelocityConstraints::closes(Facet facet) const {
  const auto nodes = facet_nodes(*space_->mesh, facet);
  const auto normals = facet_node_normals(*space_->mesh, facet);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (number_of_[nodes[i]] < 0) return false;
    const Node& at = nodes_[number_of_[nodes[i]]];
    Vec3 rest = point3(normals, space_->dim, Index(i));
    for (int m = 0; m < at.count; ++m) rest = rest - dot(at.axes[m], rest) * at.axes[m];
    if (norm(rest) > kIndependent) return false;
  }
  return true;
}

}  // namespace cotan
