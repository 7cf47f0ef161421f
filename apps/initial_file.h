#pragma once
#include <memory>
#include <string>
#include <vector>

#include "mesh/case.h"
#include "physics/problem.h"

namespace cotan {

/// Fields of a result at one of its times, on another mesh, by `initial: {from: FILE}` or
/// `{from: {file, time, trajectory, by, fields}}` (docs/case.md).
class InitialFile {
 public:
  /// Reads the file and moves its fields (mesh/transfer.h); says which points lie outside of its mesh, and what becomes
  /// of the integrals. \param from the node of the case \throw InputError naming line and key, or the file
  InitialFile(const Config& from, const std::shared_ptr<const Mesh>& mesh);
  /// Values at the points of the mesh under the case's name; those of cells as means over the cells around a point.
  /// Null where the file has no such field. \throw InputError for another number of components
  const HostField* find(const FieldSpec& wanted) const;
  std::vector<std::string> names() const;

 private:
  Config from_;
  std::vector<HostField> fields_;
};

/// Sets up a problem whose case may have `initial: {from: …}`: the fields of the file that the case does not give
/// otherwise are put into the start, and the sides' given values over them.
/// \throw InputError as set_up_problem, and where the file has no field of the problem's
ProblemSetup make_with_initial_file(ProblemInput input);

}  // namespace cotan
