#include "core/comm.h"

#include <chrono>
#include <cstdlib>
#include <thread>

#include "build_config.h"
#include "core/check.h"
#if COTAN_HAS_MPI
#define OMPI_SKIP_MPICXX 1  // the C++ bindings want a library of their own
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>
#endif

namespace cotan {

#if COTAN_HAS_MPI

struct Comm::Native {
  MPI_Comm comm;
};

namespace {

int count(std::size_t n) {
  COTAN_REQUIRE(n < std::size_t(1) << 31, "a message of " << n << " items (MPI counts to 2147483647)");
  return static_cast<int>(n);
}

// Reduced on rank 0 and broadcast: MPI_Allreduce may round differently on different ranks.
template <class T>
void sum_in_place(std::span<T> x, MPI_Datatype type, MPI_Comm comm, int rank) {
  MPI_Reduce(rank == 0 ? MPI_IN_PLACE : x.data(), x.data(), count(x.size()), type, MPI_SUM, 0, comm);
  MPI_Bcast(x.data(), count(x.size()), type, 0, comm);
}

}  // namespace

Comm Comm::world() {
  Comm comm;
  int on = 0, over = 0;
  MPI_Initialized(&on);
  MPI_Finalized(&over);
  if (on && !over) {
    comm.native_ = std::make_shared<Native>(Native{MPI_COMM_WORLD});
    MPI_Comm_rank(MPI_COMM_WORLD, &comm.rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &comm.size_);
  }
  return comm;
}

double Comm::sum(double x) const {
  sum(std::span(&x, 1));
  return x;
}

double Comm::max(double x) const {
  if (native_) MPI_Allreduce(MPI_IN_PLACE, &x, 1, MPI_DOUBLE, MPI_MAX, native_->comm);
  return x;
}

void Comm::sum(std::span<float> x) const {
  if (native_) sum_in_place(x, MPI_FLOAT, native_->comm, rank_);
}

void Comm::sum(std::span<double> x) const {
  if (native_) sum_in_place(x, MPI_DOUBLE, native_->comm, rank_);
}

void Comm::sum(std::span<std::int64_t> x) const {
  if (native_) sum_in_place(x, MPI_INT64_T, native_->comm, rank_);
}

void Comm::broadcast(std::span<std::byte> bytes, int root) const {
  if (native_) MPI_Bcast(bytes.data(), count(bytes.size()), MPI_BYTE, root, native_->comm);
}

std::vector<std::vector<std::byte>> Comm::all_gather(std::span<const std::byte> bytes) const {
  if (!native_) return {{bytes.begin(), bytes.end()}};
  std::vector<std::int64_t> lengths(size_, 0);
  lengths[rank_] = static_cast<std::int64_t>(bytes.size());
  sum(std::span(lengths));
  std::vector<std::vector<std::byte>> all(size_);
  for (int r = 0; r < size_; ++r) {
    all[r].resize(lengths[r]);
    if (r == rank_) all[r].assign(bytes.begin(), bytes.end());
    broadcast(all[r], r);
  }
  return all;
}

void Comm::exchange(std::span<const Buffer> sends, std::span<const Buffer> receives) const {
  if (!native_) {
    COTAN_REQUIRE(sends.empty() && receives.empty(), "messages to other ranks in a run of one rank");
    return;
  }
  // before anything is posted: what is under way must not outlive its buffers
  for (const auto& list : {sends, receives}) {
    for (const auto& b : list) count(b.bytes.size());
  }
  std::vector<MPI_Request> requests(sends.size() + receives.size());
  std::size_t k = 0;
  for (const auto& b : receives) {
    MPI_Irecv(b.bytes.data(), count(b.bytes.size()), MPI_BYTE, b.peer, 0, native_->comm, &requests[k++]);
  }
  for (const auto& b : sends) {
    MPI_Isend(b.bytes.data(), count(b.bytes.size()), MPI_BYTE, b.peer, 0, native_->comm, &requests[k++]);
  }
  MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
}

void Comm::barrier() const {
  if (native_) MPI_Barrier(native_->comm);
}

void Comm::abort(int code) const {
  if (native_ && size_ > 1) MPI_Abort(native_->comm, code);
}

MpiSession::MpiSession(int* argc, char*** argv) {
  const bool launched = std::getenv("OMPI_COMM_WORLD_SIZE") || std::getenv("PMI_SIZE") || std::getenv("PMIX_RANK");
  if (!launched) return;
  int provided = 0;  // backward passes on a GPU call from autograd's own thread
  MPI_Init_thread(argc, argv, MPI_THREAD_SERIALIZED, &provided);
  started_ = true;
  meeting_ = Comm::world();
  MPI_Comm_dup(MPI_COMM_WORLD, &meeting_.native_->comm);
}

MpiSession::~MpiSession() {
  if (started_) MPI_Finalize();
}

std::vector<std::string> MpiSession::failures(const std::string& message) const {
  using Clock = std::chrono::steady_clock;
  using std::chrono::milliseconds;
  if (!started_) return {message};
  MPI_Request all_are_here;
  MPI_Ibarrier(meeting_.native_->comm, &all_are_here);
  // Rank by rank, so that the first one ends the others before they speak, too.
  const auto limit = Clock::now() + milliseconds(1000 + 50 * meeting_.rank());
  int done = 0;
  while (!done && Clock::now() < limit) {
    MPI_Test(&all_are_here, &done, MPI_STATUS_IGNORE);
    if (!done) std::this_thread::sleep_for(milliseconds(1));
  }
  if (!done) return {message};
  std::vector<std::string> messages;
  for (const auto& bytes : meeting_.all_gather(std::as_bytes(std::span(message)))) {
    messages.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return messages;
}

#else

struct Comm::Native {};

Comm Comm::world() {
  return {};
}
double Comm::sum(double x) const {
  return x;
}
double Comm::max(double x) const {
  return x;
}
void Comm::sum(std::span<float>) const {}
void Comm::sum(std::span<double>) const {}
void Comm::sum(std::span<std::int64_t>) const {}
void Comm::broadcast(std::span<std::byte>, int) const {}
void Comm::barrier() const {}
void Comm::abort(int) const {}

std::vector<std::vector<std::byte>> Comm::all_gather(std::span<const std::byte> bytes) const {
  return {{bytes.begin(), bytes.end()}};
}

void Comm::exchange(std::span<const Buffer> sends, std::span<const Buffer> receives) const {
  COTAN_REQUIRE(sends.empty() && receives.empty(), "messages to other ranks in a run of one rank");
}

MpiSession::MpiSession(int*, char***) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* ranks = std::getenv(name);
    COTAN_REQUIRE(!ranks || std::atoi(ranks) <= 1,
                  "started on " << ranks << " ranks, but this build has no MPI: each would do the whole run and "
                                << "overwrite the others' files; rebuild with -DCOTAN_MPI=ON, or run without mpirun");
  }
}
MpiSession::~MpiSession() = default;

std::vector<std::string> MpiSession::failures(const std::string& message) const {
  return {message};
}

#endif

}  // namespace cotan
