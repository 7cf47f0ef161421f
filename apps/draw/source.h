#pragma once
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "apps/render_options.h"
#include "io/archive.h"

namespace cotan {

/// What is drawn: one trajectory, or a mesh file as a single time.
class RenderSource {
 public:
  /// \throw InputError naming the file
  explicit RenderSource(const RenderOptions& options);
  const std::vector<double>& times() const { return times_; }  ///< [s]
  std::vector<FieldSpec> fields() const;
  HostField values(const std::string& field, std::size_t k) const;  ///< \throw InputError for a name that is not there
  std::shared_ptr<const Mesh> mesh(std::size_t k) const;
  /// A mesh file without fields on points or cells: it has got one, the shape of its cells.
  bool is_bare() const { return is_bare_; }

 private:
  std::unique_ptr<Trajectory> trajectory_;
  std::vector<HostField> fields_;  ///< of a mesh file
  std::shared_ptr<const Mesh> mesh_;
  std::vector<double> times_;
  bool is_bare_ = false;
};

/// One field as it is shown: alone, or as prediction, reference and error.
struct RenderedField {
  std::string name, unit;
  int component = -1;  ///< -1: the length, or the only one
  bool is_length = false;
  struct Kind {
    std::string field, label;
    bool is_error = false;
  };
  std::vector<Kind> kinds;
  std::string title(bool error) const;  ///< of the colours' scale
};

/// Those that are asked for, or all but roles, values of the whole, and references and errors of others.
/// \throw InputError for names that are not there, and a component that no field has
std::vector<RenderedField> rendered_fields(const RenderSource& source, const RenderOptions& options);

/// A kind's values at frame k: one component. Its own number where the field has one component.
HostField shown_values(const RenderSource& source, const RenderedField& field, const RenderedField::Kind& kind,
                       std::size_t k);

}  // namespace cotan
