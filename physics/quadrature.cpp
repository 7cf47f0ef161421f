#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/check.h"
#include "physics/element.h"

namespace cotan {
namespace {

// Gauss-Legendre over [0, 1] with n points: Newton's method on the Legendre polynomial.
Quadrature gauss(int n) {
  Quadrature rule{1, std::vector<double>(n), std::vector<double>(n)};
  for (int i = 0; i < n; ++i) {
    double x = std::cos(std::numbers::pi * (i + 0.75) / (n + 0.5)), slope = 1;
    for (int iteration = 0; iteration < 50; ++iteration) {
      double p = 1, before = 0;
      for (int k = 1; k <= n; ++k) {
        const double next = ((2 * k - 1) * x * p - (k - 1) * before) / k;
        before = p;
        p = next;
      }
      slope = n * (x * p - before) / (x * x - 1);
      const double change = p / slope;
      x -= change;
      if (std::abs(change) < 1e-15) break;
    }
    rule.points[n - 1 - i] = (1 + x) / 2;
    rule.weights[n - 1 - i] = 1 / ((1 - x * x) * slope * slope);
  }
  const double sum = std::accumulate(rule.weights.begin(), rule.weights.end(), 0.0);
  for (double& weight : rule.weights) weight /= sum;  // off by a few units in the last place
  return rule;
}

Quadrature product(const Quadrature& a, const Quadrature& b) {
  Quadrature rule{a.dim + b.dim, {}, {}};
  for (int j = 0; j < b.size(); ++j) {
    for (int i = 0; i < a.size(); ++i) {
      rule.points.insert(rule.points.end(), a.point(i).begin(), a.point(i).end());
      rule.points.insert(rule.points.end(), b.point(j).begin(), b.point(j).end());
      rule.weights.push_back(a.weights[i] * b.weights[j]);
    }
  }
  return rule;
}

// One orbit of a symmetric rule: a point in barycentric coordinates, with all its distinct permutations.
struct Orbit {
  double weight;  // of each point; all points' sum to 1
  std::vector<double> barycentric;
};

Quadrature from_orbits(int dim, const std::vector<Orbit>& orbits) {
  const double volume = dim == 2 ? 1.0 / 2 : 1.0 / 6;
  Quadrature rule{dim, {}, {}};
  for (Orbit orbit : orbits) {
    std::sort(orbit.barycentric.begin(), orbit.barycentric.end());
    do {
      rule.points.insert(rule.points.end(), orbit.barycentric.begin() + 1, orbit.barycentric.end());
      rule.weights.push_back(orbit.weight * volume);
    } while (std::next_permutation(orbit.barycentric.begin(), orbit.barycentric.end()));
  }
  return rule;
}

Quadrature triangle_rule(int degree) {
  const auto two = [](double a) { return std::vector{a, a, 1 - 2 * a}; };
  const double third = 1.0 / 3, root = std::sqrt(15.0);
  if (degree <= 1) return from_orbits(2, {{1, {third, third, third}}});
  if (degree <= 2) return from_orbits(2, {{third, two(1.0 / 6)}});
  if (degree <= 4) {
    return from_orbits(2, {{0.22338158967801146569500700843312, two(0.44594849091596488631832925388305)},
                           {0.10995174365532186763832632490021, two(0.09157621350977074345957146340220)}});
  }
  if (degree <= 5) {
    return from_orbits(2, {{9.0 / 40, {third, third, third}},
                           {(155 - root) / 1200, two((6 - root) / 21)},
                           {(155 + root) / 1200, two((6 + root) / 21)}});
  }
  const double a = 0.053145049844816947353249671631398, b = 0.310352451033784405416607733956552;
  return from_orbits(2, {{0.116786275726379366030206473065810, two(0.249286745170910421291638553107019)},
                         {0.050844906370206816920936809106869, two(0.063089014491502227340331602870819)},
                         {0.082851075618373575193553456420442, {a, b, 1 - a - b}}});
}

Quadrature tetra_rule(int degree) {
  const auto three = [](double a) { return std::vector{a, a, a, 1 - 3 * a}; };
  if (degree <= 1) return from_orbits(3, {{1, {0.25, 0.25, 0.25, 0.25}}});
  if (degree <= 2) return from_orbits(3, {{0.25, three((5 - std::sqrt(5.0)) / 20)}});
  const double b = 0.045503704125649649492;
  return from_orbits(3, {{0.11268792571801585080, three(0.31088591926330060980)},
                         {0.073493043116361949544, three(0.092735250310891226402)},
                         {0.042546020777081466438, {b, b, 0.5 - b, 0.5 - b}}});
}

}  // namespace

Quadrature make_quadrature(CellType type, int degree) {
  const CellType linear = shape(type).linear;
  const int most = linear == CellType::tetra ? 5 : linear == CellType::triangle || linear == CellType::wedge ? 6 : 40;
  if (degree < 0 || degree > most) {
    throw Error("no quadrature of degree " + std::to_string(degree) + " for " + std::string(shape(type).name) +
                "; there are degrees 0 to " + std::to_string(most));
  }
  const auto line = [&] { return gauss(degree / 2 + 1); };
  switch (linear) {
    case CellType::vertex:
      return {0, {}, {1.0}};
    case CellType::line:
      return line();
    case CellType::triangle:
      return triangle_rule(degree);
    case CellType::quad:
      return product(line(), line());
    case CellType::tetra:
      return tetra_rule(degree);
    case CellType::wedge:
      return product(triangle_rule(degree), line());
    case CellType::pyramid:
      return product(product(line(), line()), gauss((degree + 2) / 2 + 1));  // the map's (1 - z)^2
    default:
      return product(product(line(), line()), line());
  }
}

}  // namespace cotan
