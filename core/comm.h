#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cotan {

/// A group of ranks. The default one is a single rank and makes no MPI call, so callers never branch on
/// "is MPI on"; <mpi.h> is included by comm.cpp alone. Copies share the communicator.
/// Functions marked collective are called by every rank in the same order.
class Comm {
 public:
  struct Buffer {
    int peer;
    std::span<std::byte> bytes;
  };

  Comm() = default;     ///< rank 0 of 1
  static Comm world();  ///< every rank of the run; rank 0 of 1 without MPI or outside an MpiSession
  int rank() const { return rank_; }
  int size() const { return size_; }
  double sum(double x) const;                                      ///< collective; the same bits on every rank
  double max(double x) const;                                      ///< collective
  void sum(std::span<float> x) const;                              ///< in place, collective
  void sum(std::span<double> x) const;                             ///< in place, collective
  void sum(std::span<std::int64_t> x) const;                       ///< in place, collective
  void broadcast(std::span<std::byte> bytes, int root = 0) const;  ///< collective
  /// Every rank's bytes, in the order of ranks, on every rank; lengths may differ. Collective.
  std::vector<std::vector<std::byte>> all_gather(std::span<const std::byte> bytes) const;
  /// Point-to-point messages, all sent and received when it returns; at most one each way per peer.
  void exchange(std::span<const Buffer> sends, std::span<const Buffer> receives) const;
  void barrier() const;  ///< collective
  /// Ends every rank with this exit code; for a failure that the other ranks, waiting in a collective, cannot hear of.
  /// Returns on one rank.
  void abort(int code) const;

 private:
  friend class MpiSession;
  struct Native;
  std::shared_ptr<Native> native_;  // null: serial
  int rank_ = 0, size_ = 1;
};

/// Starts and ends MPI for `main`. Does nothing when the process was not started by mpirun (starting MPI
/// alone costs a second). \throw InputError: started by mpirun on several ranks, in a build without MPI
class MpiSession {
 public:
  MpiSession(int* argc, char*** argv);
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
  /// For a rank that fails, whatever the others are doing: the messages of all ranks, in their order, where all of them
  /// fail within a second of each other; else its own alone, and Comm::abort has to end the others.
  std::vector<std::string> failures(const std::string& message) const;

 private:
  bool started_ = false;
  Comm meeting_;  // of ranks that fail, apart from what is under way between the others
};

}  // namespace cotan
