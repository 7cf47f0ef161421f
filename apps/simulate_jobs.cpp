#include "apps/simulate_jobs.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <sstream>
#include <thread>

#include "apps/steady_draws.h"
#include "core/check.h"

extern char** environ;

namespace cotan {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(what + ": " + std::strerror(errno));
}

// One line, whatever the text.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// A pipe whose ends no other process inherits but where it is told to.
std::array<int, 2> make_pipe() {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("a pipe to a worker");
  return ends;
}

std::vector<std::string> command_line(const std::string& spec, const CommonArguments& common, int jobs) {
  const int cores = common.threads > 0 ? common.threads : static_cast<int>(std::thread::hardware_concurrency());
  std::vector<std::string> words = {"cotan",     "simulate",
                                    spec,        "-o",
                                    "none",  // each draw names its file
                                    "--worker",  "--quiet",
                                    "--threads", std::to_string(std::max(1, cores / jobs)),
                                    "--seed",    std::to_string(common.seed)};
  for (const auto& item : common.set) words.insert(words.end(), {"--set", item});
  return words;
}

}  // namespace

struct DrawWorkers::Worker {
  pid_t process = -1;
  int to = -1, from = -1;
  std::string said;  // of a line that has not ended
  std::optional<std::uint64_t> draw;

  void start(std::vector<std::string> words) {
    const auto in = make_pipe(), out = make_pipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int error = posix_spawn(&process, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    to = in[1];
    from = out[0];
    if (error != 0) {
      process = -1;
      errno = error;
      fail("a worker cannot be started");
    }
  }
  void write_line(const std::string& line) const {
    for (std::size_t done = 0; done < line.size();) {
      const auto wrote = write(to, line.data() + done, line.size() - done);
      if (wrote < 0 && errno != EINTR) fail("a worker does not listen");
      if (wrote > 0) done += static_cast<std::size_t>(wrote);
    }
  }
  // What it says from now on; false where it has ended.
  bool listen() {
    std::array<char, 4096> bytes;
    const auto got = read(from, bytes.data(), bytes.size());
    if (got > 0) said.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && errno == EINTR);
  }
  void stop() {
    if (to >= 0) close(to);  // an idle one ends by this
    if (process > 0 && draw) kill(process, SIGTERM);
    if (from >= 0) close(from);
    if (process > 0) waitpid(process, nullptr, 0);
  }
};

DrawWorkers::DrawWorkers(const std::string& spec, const CommonArguments& common, int jobs) {
  std::signal(SIGPIPE, SIG_IGN);  // of a worker that died: then writing fails, and is reported
  workers_.resize(jobs);
  try {
    for (auto& worker : workers_) worker.start(command_line(spec, common, jobs));
  } catch (...) {
    for (auto& worker : workers_) worker.stop();
    throw;
  }
}

DrawWorkers::~DrawWorkers() {
  for (auto& worker : workers_) worker.stop();
}

bool DrawWorkers::has_idle() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const Worker& w) { return !w.draw; });
}

void DrawWorkers::begin(std::uint64_t draw, const std::filesystem::path& file) {
  const auto idle = std::find_if(workers_.begin(), workers_.end(), [](const Worker& w) { return !w.draw; });
  idle->draw = draw;
  idle->write_line(std::to_string(draw) + " " + file.string() + "\n");
}

std::optional<std::pair<std::uint64_t, DrawOutcome>> DrawWorkers::wait() {
  while (!interrupted()) {
    for (auto& worker : workers_) {
      const auto end = worker.said.find('\n');
      if (end == std::string::npos) continue;
      std::istringstream line(worker.said.substr(0, end));
      worker.said.erase(0, end + 1);
      DrawOutcome outcome;
      std::string word, reason;
      line >> word >> outcome.cost.steps >> outcome.cost.seconds;
      std::getline(line >> std::ws, reason);
      if (word == "failed") outcome.failure = reason;
      const std::uint64_t draw = *std::exchange(worker.draw, std::nullopt);
      if (word == "refused") throw InputError(reason);
      return std::pair(draw, outcome);
    }
    std::vector<pollfd> lines;
    for (const auto& worker : workers_) lines.push_back({worker.from, POLLIN, 0});
    if (poll(lines.data(), lines.size(), 1000) < 0 && errno != EINTR) fail("waiting for workers");
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].revents == 0 || workers_[i].listen() || interrupted()) continue;
      if (workers_[i].said.find('\n') != std::string::npos) continue;
      throw Error("a worker ended in the middle of draw " + std::to_string(workers_[i].draw.value_or(0)) +
                  ": killed, or out of memory (fewer --jobs take less); --resume goes on");
    }
  }
  return std::nullopt;
}

int run_worker(const Case& spec, std::uint64_t seed) {
  Draws draws(spec, seed, false);
  const auto set_up = draws_one_by_one(spec, draws);
  for (std::string line; !interrupted() && std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::uint64_t number = 0;
    std::string file;
    words >> number;
    std::getline(words >> std::ws, file);
    DrawOutcome outcome;
    std::optional<Draw> draw;
    try {
      draw = set_up(number);
    } catch (const Error& e) {
      outcome.failure = e.what();
    }
    try {
      if (draw)
        outcome.failure = write_draw(
            spec, *draw, file, [] {}, outcome.cost);
    } catch (const InputError& e) {  // of the file: a full disk is nobody's draw
      std::cout << "refused 0 0 " << one_line(e.what()) << std::endl;
      return 2;
    }
    if (interrupted()) return 130;
    std::cout << (outcome.failure ? "failed " : "done ") << outcome.cost.steps << " " << outcome.cost.seconds << " "
              << (outcome.failure ? one_line(*outcome.failure) : "") << std::endl;
  }
  return 0;
}

}  // namespace cotan
