#include "io/displacement.h"

#include <algorithm>

#include "core/check.h"
#include "io/field_number.h"
#include "io/same_mesh.h"

namespace cotan {
namespace {

class Displaced : public Trajectory {
 public:
  explicit Displaced(std::unique_ptr<Trajectory> inner)
      : inner_(std::move(inner)), start_(inner_->mesh(0)), fields_(inner_->fields()) {
    fields_.push_back({{std::string(kDisplacement), start_.dim(), On::points, "m"}, DType::f64, false});
  }
  const std::string& name() const override { return inner_->name(); }
  const std::vector<double>& times() const override { return inner_->times(); }
  Mesh mesh(std::size_t) const override { return start_; }
  const std::vector<ArchiveField>& fields() const override { return fields_; }
  std::vector<Role> roles() const override { return inner_->roles(); }
  PrescribedMasks prescribed() const override { return inner_->prescribed(); }
  std::map<std::string, double> parameters() const override { return inner_->parameters(); }
  std::vector<std::string> notes() const override { return inner_->notes(); }

  HostTensor read(const std::string& field, std::size_t k0, std::size_t k1) const override {
    field_number(*this, field, k0, k1);
    if (field != kDisplacement) return read_inner(field, k0, k1);
    HostTensor out{DType::f64, {static_cast<std::int64_t>(k1 - k0), start_.num_points(), start_.dim()}, {}};
    for (std::size_t k = k0; k < k1; ++k) {
      const Mesh moved = inner_->mesh(k);
      COTAN_REQUIRE(same_cells(start_, moved), name() << ": frame " << k << " has other cells than the first");
      COTAN_REQUIRE(moved.dim() == start_.dim(), name() << ": frame " << k << " lies in " << moved.dim()
                                                        << " dimensions, the first in " << start_.dim());
      std::vector<double> by(moved.points().begin(), moved.points().end());
      for (std::size_t i = 0; i < by.size(); ++i) by[i] -= start_.points()[i];
      const auto bytes = std::as_bytes(std::span(by));
      out.bytes.insert(out.bytes.end(), bytes.begin(), bytes.end());
    }
    return out;
  }

 private:
  // Some trajectories read frames on several meshes one by one only.
  HostTensor read_inner(const std::string& field, std::size_t k0, std::size_t k1) const {
    HostTensor out = inner_->read(field, k0, std::min(k0 + 1, k1));
    for (std::size_t k = k0 + 1; k < k1; ++k) {
      const HostTensor next = inner_->read(field, k, k + 1);
      COTAN_REQUIRE(next.dtype == out.dtype && next.shape[1] == out.shape[1] && next.shape[2] == out.shape[2],
                    name() << ": field " << field << ": frame " << k << " has another shape than frame " << k0);
      out.bytes.insert(out.bytes.end(), next.bytes.begin(), next.bytes.end());
    }
    out.shape[0] = static_cast<std::int64_t>(k1 - k0);
    return out;
  }

  std::unique_ptr<Trajectory> inner_;
  Mesh start_;
  std::vector<ArchiveField> fields_;
};

class DisplacedArchive : public Archive {
 public:
  explicit DisplacedArchive(std::unique_ptr<Archive> inner) : inner_(std::move(inner)) {}
  std::size_t size() const override { return inner_->size(); }
  std::unique_ptr<Trajectory> open(std::size_t index) const override { return with_displacement(inner_->open(index)); }
  std::map<std::string, std::vector<std::size_t>> splits() const override { return inner_->splits(); }

 private:
  std::unique_ptr<Archive> inner_;
};

}  // namespace

std::unique_ptr<Trajectory> with_displacement(std::unique_ptr<Trajectory> trajectory) {
  const auto& fields = trajectory->fields();
  const bool taken =
      std::any_of(fields.begin(), fields.end(), [](const auto& f) { return f.spec.name == kDisplacement; });
  if (taken || trajectory->has_static_mesh()) return trajectory;
  const Mesh start = trajectory->mesh(0);
  const std::size_t n = trajectory->times().size();
  for (const std::size_t k : {n > 1 ? std::size_t{1} : 0, n / 2, n - 1}) {
    if (!same_cells(start, trajectory->mesh(k))) return trajectory;
  }
  return std::make_unique<Displaced>(std::move(trajectory));
}

std::unique_ptr<Archive> with_displacement(std::unique_ptr<Archive> archive) {
  return std::make_unique<DisplacedArchive>(std::move(archive));
}

}  // namespace cotan
