#include "physics/gcro_dr.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>

#include "core/check.h"

namespace cotan {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kRoundOff = std::numeric_limits<double>::epsilon();
constexpr int kMostIdleCycles = 3;  // in a row, before a residual is said to stagnate
constexpr double kIdle = 1 - 1e-3;  // what a cycle leaves of the residual that gets nowhere

// The least-squares problem over a Hessenberg matrix: min |beta e1 - H y|, the rows turned by Givens' rotations.
class HessenbergProblem {
 public:
  HessenbergProblem(Index most, double beta) : r_(MatrixXd::Zero(most + 1, most)), right_(VectorXd::Zero(most + 1)) {
    right_[0] = beta;
  }
  // Column j of H. Its residual is then that of j + 1 columns.
  void append(const VectorXd& column) {
    const Index j = size_++;
    r_.col(j).head(j + 2) = column.head(j + 2);
    for (Index i = 0; i < j; ++i) r_.col(j).applyOnTheLeft(i, i + 1, rotations_[i].adjoint());
    Eigen::JacobiRotation<double> turn;
    turn.makeGivens(r_(j, j), r_(j + 1, j));
    rotations_.push_back(turn);
    r_.col(j).applyOnTheLeft(j, j + 1, turn.adjoint());
    right_.applyOnTheLeft(j, j + 1, turn.adjoint());
  }
  double residual() const { return std::abs(right_[size_]); }
  bool singular() const {
    const auto diagonal = r_.topLeftCorner(size_, size_).diagonal().cwiseAbs();
    return size_ > 0 && !(diagonal.minCoeff() > kRoundOff * diagonal.maxCoeff());
  }
  VectorXd solution() const {
    return r_.topLeftCorner(size_, size_).triangularView<Eigen::Upper>().solve(right_.head(size_));
  }

 private:
  MatrixXd r_;
  VectorXd right_;
  std::vector<Eigen::JacobiRotation<double>> rotations_;
  Index size_ = 0;
};

// Orthonormalises the columns of `c` by Gram and Schmidt's method, each twice, with the same operations on `u`;
// columns that depend on those before are left out of both.
void orthonormalise(MatrixXd& c, MatrixXd& u) {
  Index kept = 0;
  for (Index j = 0; j < c.cols(); ++j) {
    const double before = c.col(j).norm();
    for (int pass = 0; pass < 2; ++pass) {
      const VectorXd h = c.leftCols(kept).transpose() * c.col(j);
      c.col(j) -= c.leftCols(kept) * h;
      u.col(j) -= u.leftCols(kept) * h;
    }
    const double length = c.col(j).norm();
    if (!(length > 1e-12 * before)) continue;
    c.col(kept) = c.col(j) / length;
    u.col(kept) = u.col(j) / length;
    ++kept;
  }
  c.conservativeResize(Eigen::NoChange, kept);
  u.conservativeResize(Eigen::NoChange, kept);
}

// Vectors z of G' G z = theta G' K z for the k values theta of smallest size: harmonic Ritz vectors in the basis of a
// cycle, real and imaginary parts apart; orthonormal.
MatrixXd harmonic_ritz(const MatrixXd& g, const MatrixXd& k_matrix, Index k) {
  const Index n = g.cols();
  if (n <= k) return MatrixXd::Identity(n, n);
  const Eigen::HouseholderQR<MatrixXd> qr(g);
  const MatrixXd q = qr.householderQ() * MatrixXd::Identity(g.rows(), n);
  const MatrixXd inverse =  // its eigenvalues are 1 / theta
      qr.matrixQR().topRows(n).triangularView<Eigen::Upper>().solve(q.transpose() * k_matrix);
  const Eigen::EigenSolver<MatrixXd> eigen(inverse);
  if (eigen.info() != Eigen::Success) return MatrixXd(n, 0);
  const Eigen::MatrixXcd vectors = eigen.eigenvectors();
  std::vector<Index> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return std::abs(eigen.eigenvalues()[a]) > std::abs(eigen.eigenvalues()[b]);
  });
  MatrixXd z(n, k);
  Index found = 0;
  for (std::size_t i = 0; i < order.size() && found < k; ++i) {
    const auto value = eigen.eigenvalues()[order[i]];
    if (value.imag() < 0) continue;  // the other of its pair gives both parts
    z.col(found++) = vectors.col(order[i]).real();
    if (value.imag() > 0 && found < k) z.col(found++) = vectors.col(order[i]).imag();
  }
  const Eigen::HouseholderQR<MatrixXd> basis(z.leftCols(found));
  return basis.householderQ() * MatrixXd::Identity(n, found);
}

class Run {
 public:
  Run(const LinearMap& a, std::span<const double> b, RecycledSpace& space, const GcroDrOptions& options,
      const LinearMap& preconditioner)
      : a_(a),
        preconditioner_(preconditioner),
        space_(space),
        options_(options),
        n_(static_cast<Index>(b.size())),
        b_(Eigen::Map<const VectorXd>(b.data(), n_)),
        size_(b_.norm()),
        x_(VectorXd::Zero(n_)),
        r_(b_),
        u_(n_, 0),
        c_(n_, 0) {}

  GcroDrResult run() {
    if (!std::isfinite(size_)) fail("the right-hand side is not finite");
    if (size_ > 0) {
      out_.history.push_back(1);
      take_up();
      for (int idle = 0; r_.norm() > options_.tolerance * size_;) {
        const double before = r_.norm();
        cycle();
        idle = r_.norm() > kIdle * before ? idle + 1 : 0;
        if (idle == kMostIdleCycles) fail("the residual stagnates");
        if (out_.products >= options_.most_iterations && r_.norm() > options_.tolerance * size_) fail("given up");
      }
      space_.u.assign(u_.data(), u_.data() + u_.size());
      space_.c.assign(c_.data(), c_.data() + c_.size());
    }
    out_.x.assign(x_.begin(), x_.end());
    return std::move(out_);
  }

 private:
  // The directions of the system before, with their images under this one.
  void take_up() {
    const Index k = std::min<Index>(options_.recycle, static_cast<Index>(space_.directions(n_)));
    if (k == 0) return;
    u_ = Eigen::Map<const MatrixXd>(space_.u.data(), n_, k);
    c_.resize(n_, k);
    for (Index j = 0; j < k; ++j) c_.col(j) = product(u_.col(j));
    orthonormalise(c_, u_);
    const VectorXd y = c_.transpose() * r_;
    x_ = conditioned(u_ * y);
    r_ -= c_ * y;
    out_.history.push_back(r_.norm() / size_);
  }

  VectorXd conditioned(const VectorXd& v) const {
    if (!preconditioner_) return v;
    VectorXd out(n_);
    preconditioner_({v.data(), b_size()}, {out.data(), b_size()});
    return out;
  }
  std::size_t b_size() const { return static_cast<std::size_t>(n_); }

  VectorXd apply(const VectorXd& v) {
    VectorXd out(n_);
    a_({v.data(), b_size()}, {out.data(), b_size()});
    ++out_.products;
    return out;
  }
  VectorXd product(const VectorXd& v) { return apply(conditioned(v)); }

  // x by a step in the preconditioned unknown, and the residual it has then, not the recurrence's.
  void move(const VectorXd& step) {
    x_ += conditioned(step);
    r_ = b_ - apply(x_);
    if (!std::isfinite(r_.norm())) fail("a product with the matrix or its preconditioner is not finite");
    out_.history.back() = r_.norm() / size_;
  }

  // Searches subspace - k directions, minimises, and chooses the k to keep.
  void cycle() {
    const Index k = c_.cols(), most = std::max<Index>(options_.subspace - k, 1);
    const VectorXd kept = c_.transpose() * r_;  // 0 but for round-off
    const VectorXd r = r_ - c_ * kept;
    MatrixXd h = MatrixXd::Zero(most + 1, most), b = MatrixXd::Zero(k, most);
    v_.resize(n_, options_.subspace + 1);
    const double beta = r.norm();
    v_.col(0) = r / beta;
    HessenbergProblem problem(most, beta);
    Index j = 0;
    for (bool more = true; more && j < most && out_.products < options_.most_iterations; ++j) {
      more = search(j, h, b);
      problem.append(h.col(j));
      out_.history.push_back(problem.residual() / size_);
      ++out_.iterations;
      more = more && problem.residual() > options_.tolerance * size_;
    }
    if (problem.singular()) fail("the matrix is singular on the directions searched");
    const VectorXd y = problem.solution();
    move(u_ * (kept - b.leftCols(j) * y) + v_.leftCols(j) * y);
    if (options_.recycle > 0) keep(v_.leftCols(j + 1), h.topLeftCorner(j + 1, j), b.leftCols(j));
  }

  // One direction more, orthogonal to C and to those before; false where there is none left.
  bool search(Index j, MatrixXd& h, MatrixXd& b) {
    VectorXd w = product(v_.col(j));
    const double before = w.norm();
    if (!std::isfinite(before)) fail("a product with the matrix or its preconditioner is not finite");
    double length = before;
    for (int pass = 0; pass < 2; ++pass) {
      const VectorXd in_c = c_.transpose() * w;
      w.noalias() -= c_ * in_c;
      b.col(j) += in_c;
      const VectorXd in_v = v_.leftCols(j + 1).transpose() * w;
      w.noalias() -= v_.leftCols(j + 1) * in_v;
      h.col(j).head(j + 1) += in_v;
      const double rest = w.norm();
      const bool enough = rest > 0.7 * length;  // nothing was cancelled: a second pass would change round-off only
      length = rest;
      if (enough) break;
    }
    if (!(length > kRoundOff * before)) return false;
    h(j + 1, j) = length;
    v_.col(j + 1) = w / length;
    return true;
  }

  // A M^-1 [U D, V] = [C, V+] G with G = [D, B; 0, H], D making the columns of U D unit vectors. Kept are the harmonic
  // Ritz vectors of the smallest values.
  void keep(const Eigen::Ref<const MatrixXd>& v, const MatrixXd& h, const MatrixXd& b) {
    const Index k = c_.cols(), j = h.cols();
    MatrixXd g = MatrixXd::Zero(k + j + 1, k + j);
    const VectorXd d = u_.colwise().norm().cwiseInverse();
    u_ = u_ * d.asDiagonal();
    g.topLeftCorner(k, k) = d.asDiagonal();
    g.topRightCorner(k, j) = b;
    g.bottomRightCorner(j + 1, j) = h;
    MatrixXd products = MatrixXd::Zero(k + j + 1, k + j);  // [C, V+]' [U D, V]
    products.topLeftCorner(k, k).noalias() = c_.transpose() * u_;
    products.bottomLeftCorner(j + 1, k).noalias() = v.transpose() * u_;
    products.bottomRightCorner(j + 1, j).topRows(j).setIdentity();
    const MatrixXd z = harmonic_ritz(g, products, options_.recycle);
    if (z.cols() == 0) {
      u_ = u_ * d.cwiseInverse().asDiagonal();
      return;
    }
    const MatrixXd gz = g * z;
    MatrixXd images = c_ * gz.topRows(k), directions = u_ * z.topRows(k);
    images.noalias() += v * gz.bottomRows(j + 1);
    directions.noalias() += v.leftCols(j) * z.bottomRows(j);
    orthonormalise(images, directions);
    c_ = std::move(images);
    u_ = std::move(directions);
  }

  [[noreturn]] void fail(const std::string& why) const {
    std::ostringstream message;
    message.precision(3);
    message << (options_.recycle > 0 ? "GCRO-DR" : "GMRES") << ": " << why << " after " << out_.products
            << " products with the matrix; wanted a residual of " << options_.tolerance << ", it went";
    const auto& history = out_.history;
    const std::size_t stride = std::max<std::size_t>(1, history.size() / 8);
    for (std::size_t i = 0; i < history.size(); i += stride) message << ' ' << history[i];
    if (!history.empty() && (history.size() - 1) % stride) message << ' ' << history.back();
    throw NumericsError(message.str());
  }

  const LinearMap &a_, &preconditioner_;
  RecycledSpace& space_;
  GcroDrOptions options_;
  Index n_;
  VectorXd b_;
  double size_;
  VectorXd x_, r_;
  MatrixXd u_, c_;
  MatrixXd v_;  // (n, subspace + 1) the directions of a cycle; memory reused
  GcroDrResult out_;
};

}  // namespace

GcroDrResult gcro_dr(const LinearMap& a, std::span<const double> b, RecycledSpace& space, const GcroDrOptions& options,
                     const LinearMap& preconditioner) {
  COTAN_REQUIRE(options.subspace > options.recycle, "GCRO-DR: a cycle of " << options.subspace
                                                                           << " directions of which " << options.recycle
                                                                           << " are recycled");
  return Run(a, b, space, options, preconditioner).run();
}

}  // namespace cotan
