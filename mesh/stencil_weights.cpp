#include <ATen/ATen.h>

#include <functional>

#include "core/check.h"
#include "mesh/stencil.h"

namespace cotan {
namespace {

using at::Tensor;

// What is taken of functions at a stencil's first point, its origin: m numbers of each.
struct Functionals {
  std::int64_t count = 1;
  // (R, n, m) of exp(-c |x - x_j|^2), without the bell's own value there, which is a factor of all.
  std::function<Tensor(const Tensor& x, const Tensor& square, const Tensor& c)> of_bell;
  Tensor of_polynomials;  // (q, m)
};

// Coordinates (R, n, d) of offsets (R, n, dim) over h; on surfaces along a basis of their plane.
Tensor coordinates(const Tensor& offsets, std::int64_t d) {
  if (offsets.size(2) == d) return offsets;
  const Tensor plane = std::get<1>(at::linalg_eigh(at::matmul(offsets.transpose(1, 2), offsets)));
  return at::matmul(offsets, plane.narrow(2, offsets.size(2) - d, d));
}

// Values (R, n, q) of the polynomials' basis.
Tensor polynomials(const Tensor& x, int degree) {
  std::vector<Tensor> columns = {at::ones_like(x.select(2, 0))};
  for (std::int64_t a = 0; a < x.size(2); ++a) columns.push_back(x.select(2, a));
  if (degree == 1) return at::stack(columns, 2);
  for (std::int64_t a = 0; a < x.size(2); ++a) {
    for (std::int64_t b = a; b < x.size(2); ++b) columns.push_back(x.select(2, a) * x.select(2, b));
  }
  return at::stack(columns, 2);
}

std::int64_t num_second(std::int64_t d) {
  return d * (d + 1) / 2;
}

Functionals laplacians(std::int64_t d, int degree) {
  std::vector<double> values(1 + d, 0);
  for (std::int64_t a = 0; a < d && degree > 1; ++a) {
    for (std::int64_t b = a; b < d; ++b) values.push_back(a == b ? 2 : 0);
  }
  return {1,
          [d](const Tensor&, const Tensor& square, const Tensor& c) {
            return (4 * c * c * square - 2 * static_cast<double>(d) * c).unsqueeze(2);
          },
          at::tensor(values, at::kDouble).unsqueeze(1)};
}

// First derivatives, then second ones in the order of the polynomials.
Functionals derivatives(std::int64_t d) {
  const std::int64_t count = d + num_second(d);
  Tensor of_polynomials = at::zeros({1 + count, count}, at::kDouble);
  of_polynomials.narrow(0, 1, count).fill_diagonal_(1);
  std::int64_t column = d;
  for (std::int64_t a = 0; a < d; ++a) {
    for (std::int64_t b = a; b < d; ++b, ++column) {
      if (a == b) of_polynomials[1 + column][column] = 2;
    }
  }
  const auto of_bell = [d](const Tensor& x, const Tensor&, const Tensor& c) {
    std::vector<Tensor> columns;
    for (std::int64_t a = 0; a < d; ++a) columns.push_back(2 * c * x.select(2, a));
    for (std::int64_t a = 0; a < d; ++a) {
      for (std::int64_t b = a; b < d; ++b) {
        const Tensor mixed = 4 * c * c * x.select(2, a) * x.select(2, b);
        columns.push_back(a == b ? mixed - 2 * c : mixed);
      }
    }
    return at::stack(columns, 2);
  };
  return {count, of_bell, of_polynomials};
}

// Weights (R, n, m) of the others of stencils whose points, the first at the origin, are x (R, n + 1, d).
Tensor solve(const Tensor& x, const RadialKernel& kernel, int degree, const Functionals& functionals) {
  const std::int64_t points = x.size(1);
  const Tensor square = (x.unsqueeze(2) - x.unsqueeze(1)).square().sum(3), from_own = square.select(1, 0);
  Tensor phi = at::diag_embed(kernel.ridge.expand({x.size(0), points}));
  Tensor right = at::zeros({x.size(0), points, functionals.count}, x.options());
  for (std::int64_t k = 0; k < kernel.shape.size(0); ++k) {
    const Tensor c = kernel.shape[k], bell = kernel.amplitude[k] * (-c * square).exp();
    phi = phi + bell;
    right = right + bell.select(1, 0).unsqueeze(2) * functionals.of_bell(x, from_own, c);
  }
  const Tensor p = polynomials(x, degree);
  const std::int64_t q = p.size(2);
  const Tensor zero = at::zeros({x.size(0), q, q}, x.options());
  const Tensor matrix = at::cat({at::cat({phi, p}, 2), at::cat({p.transpose(1, 2), zero}, 2)}, 1);
  const Tensor of_p = functionals.of_polynomials.to(x.device()).expand({x.size(0), q, functionals.count});
  const Tensor solved = std::get<0>(at::linalg_solve_ex(matrix, at::cat({right, of_p}, 1)));
  return solved.narrow(1, 1, points - 1);
}

// Weights (E, m), over powers of h, in double.
Tensor weights_of(const EdgeSet& edges, std::int64_t cell_dim, const RadialKernel& kernel, int degree,
                  const Functionals& functionals) {
  constexpr std::int64_t kChunk = 2048;  // stencils a solve
  constexpr double kLargest = 1e6;       // weights of well-placed points are of the order of 1
  const auto in_double = [](const Tensor& x) { return x.to(at::kDouble); };
  const RadialKernel exact{in_double(kernel.amplitude), in_double(kernel.shape), in_double(kernel.ridge)};
  const Tensor entries_of = edges.links.offsets.diff(), spacing = in_double(edges.measure).sqrt();
  Tensor weights = at::zeros({edges.size(), functionals.count}, spacing.options());
  const auto sizes = std::get<0>(at::_unique(entries_of.cpu()));
  for (std::int64_t k = 0; k < sizes.size(0); ++k) {
    const std::int64_t n = sizes[k].item<std::int64_t>();
    if (n == 0) continue;
    for (const Tensor& rows : (entries_of == n).nonzero().squeeze(1).split(kChunk)) {
      const Tensor entries =
          edges.links.offsets.index_select(0, rows).unsqueeze(1) + at::arange(n, rows.options()).unsqueeze(0);
      const Tensor offsets =
          in_double(edges.offset).index_select(0, entries.flatten()).reshape({-1, n, edges.offset.size(1)});
      const Tensor others = coordinates(-offsets / spacing.index_select(0, rows).view({-1, 1, 1}), cell_dim);
      const Tensor found = solve(at::constant_pad_nd(others, {0, 0, 1, 0}), exact, degree, functionals);
      const Tensor bad = (found.detach().abs().amax({1, 2}) < kLargest).logical_not().nonzero();
      COTAN_REQUIRE(bad.size(0) == 0, "row " << rows[bad[0][0].item<std::int64_t>()].item<std::int64_t>() << ": its "
                                             << n << " nearest points leave second derivatives open");
      weights = weights.index_copy(0, entries.flatten(), found.flatten(0, 1));
    }
  }
  return weights;
}

}  // namespace

RadialKernel fitted_kernel() {
  const auto numbers = [](std::vector<double> x) { return at::tensor(x, at::kDouble); };
  return {numbers({0.945, 0.036, 0.017, 0.002}), numbers({0.11, 0.115, 0.14, 0.3}),
          at::scalar_tensor(4.5e-6, at::kDouble)};
}

Tensor stencil_weights(const EdgeSet& edges, std::int64_t cell_dim, const RadialKernel& kernel, int degree) {
  return weights_of(edges, cell_dim, kernel, degree, laplacians(cell_dim, degree))
      .squeeze(1)
      .to(edges.offset.scalar_type());
}

Tensor derivative_weights(const EdgeSet& edges, std::int64_t cell_dim, const RadialKernel& kernel) {
  COTAN_REQUIRE(edges.offset.size(1) == cell_dim,
                "derivatives along axes are of functions on cells of as many dimensions; these have "
                    << cell_dim << " of " << edges.offset.size(1));
  const Tensor weights = weights_of(edges, cell_dim, kernel, 2, derivatives(cell_dim));
  const Tensor over = edges.measure.to(at::kDouble).rsqrt().index_select(0, edges.receiver).unsqueeze(1);
  return at::cat(
      {weights.narrow(1, 0, cell_dim) * over, weights.narrow(1, cell_dim, num_second(cell_dim)) * over.square()}, 1);
}

}  // namespace cotan
