#include "io/onto.h"

#include <cstddef>
#include <span>

#include "core/check.h"

namespace cotan {
namespace {

class OnAnotherMesh : public Trajectory {
 public:
  OnAnotherMesh(std::unique_ptr<Trajectory> inner, std::shared_ptr<const Mesh> target, TransferBy by)
      : inner_(std::move(inner)), target_(std::move(target)), by_(by), fields_(inner_->fields()) {
    for (auto& field : fields_) field.dtype = DType::f64;
    if (inner_->has_static_mesh()) transfer_ = make_transfer(0);
  }
  const std::string& name() const override { return inner_->name(); }
  const std::vector<double>& times() const override { return inner_->times(); }
  Mesh mesh(std::size_t) const override { return *target_; }
  const std::vector<ArchiveField>& fields() const override { return fields_; }
  std::map<std::string, double> parameters() const override { return inner_->parameters(); }
  std::vector<std::string> notes() const override { return inner_->notes(); }

  HostTensor read(const std::string& name, std::size_t k0, std::size_t k1) const override {
    HostTensor out{DType::f64, {static_cast<std::int64_t>(k1 - k0), 0, 0}, {}};
    for (std::size_t k = k0; k < k1; ++k) {
      const HostTensor frame = inner_->read(name, k, k + 1);
      const HostField found =
          (transfer_ ? transfer_ : make_transfer(k))->operator()({spec_of(name), as_doubles(frame)});
      out.shape[2] = found.spec.components;
      out.shape[1] = std::ssize(found.values) / found.spec.components;
      const auto bytes = std::as_bytes(std::span(found.values));
      out.bytes.insert(out.bytes.end(), bytes.begin(), bytes.end());
    }
    return out;
  }

 private:
  std::shared_ptr<const Transfer> make_transfer(std::size_t k) const {
    try {
      return std::make_shared<const Transfer>(inner_->mesh(k), *target_, by_);
    } catch (const InputError& error) {
      throw InputError(inner_->name() + ": " + error.what());
    }
  }
  const FieldSpec& spec_of(const std::string& name) const {  // the inner one has refused names that are not there
    for (const auto& field : fields_) {
      if (field.spec.name == name) return field.spec;
    }
    throw Error(inner_->name() + ": read a field that is not in its list: " + name);
  }

  std::unique_ptr<Trajectory> inner_;
  std::shared_ptr<const Mesh> target_;
  TransferBy by_;
  std::vector<ArchiveField> fields_;
  std::shared_ptr<const Transfer> transfer_;  // where the mesh does not change
};

class ArchiveOnAnotherMesh : public Archive {
 public:
  ArchiveOnAnotherMesh(std::unique_ptr<Archive> inner, std::shared_ptr<const Mesh> target, TransferBy by)
      : inner_(std::move(inner)), target_(std::move(target)), by_(by) {}
  std::size_t size() const override { return inner_->size(); }
  std::unique_ptr<Trajectory> open(std::size_t index) const override { return onto(inner_->open(index), target_, by_); }
  std::map<std::string, std::vector<std::size_t>> splits() const override { return inner_->splits(); }

 private:
  std::unique_ptr<Archive> inner_;
  std::shared_ptr<const Mesh> target_;
  TransferBy by_;
};

}  // namespace

std::unique_ptr<Trajectory> onto(std::unique_ptr<Trajectory> trajectory, std::shared_ptr<const Mesh> target,
                                 TransferBy by) {
  return std::make_unique<OnAnotherMesh>(std::move(trajectory), std::move(target), by);
}

std::unique_ptr<Archive> onto(std::unique_ptr<Archive> archive, std::shared_ptr<const Mesh> target, TransferBy by) {
  return std::make_unique<ArchiveOnAnotherMesh>(std::move(archive), std::move(target), by);
}

}  // namespace cotan
