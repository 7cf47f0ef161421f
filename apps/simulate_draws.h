#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/progress.h"
#include "io/archive.h"
#include "mesh/transfer.h"
#include "physics/problem.h"

namespace cotan {

/// A problem set up for one draw, with what is written of it.
struct Draw {
  std::uint64_t number;
  std::shared_ptr<const Mesh> mesh;  ///< that is written: the solver's, or that of output.mesh
  std::map<std::string, double> parameters;
  ProblemSetup setup;                        ///< with the fields that are written; roles and masks are those of `mesh`
  std::shared_ptr<const Transfer> transfer;  ///< from the solver's mesh; null where it is `mesh`
  struct Solved {
    Fields fields;
    double seconds;  ///< that the solver took
  };
  std::optional<Solved> solution = {};  ///< of a steady problem, once it is solved: steady_draws.h
};

/// The draws of a case, by number. A mesh that is the same for all is made once, and notes are said once.
class Draws {
 public:
  Draws(const Case& spec, std::uint64_t seed, bool tells = true) : spec_(spec), seed_(seed), told_(!tells) {}

  /// \throw Error where this draw cannot be set up
  Draw set_up(std::uint64_t number);
  /// Sets up the first draw of a run before anything is written. Where parameters are drawn, a draw may be at fault and
  /// not the case: some are tried, and those that failed returned. \throw Error of the last where none will do
  std::vector<ArchiveIndex::Failure> prepare(std::uint64_t number);
  /// The draw that `prepare` found; null before, and once it was set up again.
  const Draw* ready() const { return ready_ ? &*ready_ : nullptr; }

 private:
  void put_onto_output_mesh(Draw& draw, std::vector<std::string>& notes);

  const Case& spec_;
  std::uint64_t seed_;
  std::shared_ptr<const Mesh> mesh_, output_mesh_;
  std::shared_ptr<const Transfer> transfer_;
  std::optional<Draw> ready_;
  bool told_;
};

constexpr std::size_t kMostFailures = 10;  ///< draws in a row, before the case is taken to be at fault

/// Of what is written: the problem's, then the static ones.
std::vector<FieldSpec> all_fields(const ProblemSetup& setup);
bool is_steady(const Case& spec);
/// Of a steady problem 0 alone. \throw InputError for a case without time, or whose end is no whole number of steps
std::vector<double> step_times(const Case& spec);
std::size_t written_frames(const Case& spec);

using FrameSink = std::function<void(double t, const std::vector<HostField>&)>;
/// What a draw took.
struct DrawCost {
  std::int64_t steps = 0;
  double seconds = 0;  ///< of the solver alone
};
/// Runs one draw, or takes its solution where the problem is steady, every `every`-th frame to `sink`. Returns why it
/// failed, or nothing.
std::optional<std::string> run_draw(const Case& spec, const Draw& draw, const std::function<void()>& after_step,
                                    const FrameSink& sink, DrawCost& cost);
/// The same into a trajectory's file, whole or not at all; not where it was interrupted.
std::optional<std::string> write_draw(const Case& spec, const Draw& draw, const std::filesystem::path& file,
                                      const std::function<void()>& after_step, DrawCost& cost);

}  // namespace cotan
