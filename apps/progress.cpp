#include "apps/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "core/log.h"

namespace cotan {
namespace {

volatile std::sig_atomic_t interrupts = 0;  // a signal handler can reach nothing else

void on_signal(int signal) {
  interrupts = interrupts + 1;
  if (interrupts > 1) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

}  // namespace

void watch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGXFSZ, SIG_IGN);  // writing beyond `ulimit -f` fails with a reason, as on a full disk
}

bool interrupted() {
  return interrupts > 0;
}

Progress::Progress(std::string what, std::int64_t total)
    : what_(std::move(what)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) && shows_info()),
      start_(std::chrono::steady_clock::now()),
      drawn_(start_) {}

void Progress::advance(const std::string& note) {
  ++done_;
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < (terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(15))) return;
  drawn_ = now;
  draw(note, false);
}

void Progress::finish() {
  draw("", true);
}

void Progress::draw(const std::string& note, bool last) {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done_) / seconds : 0;
  const double left = rate > 0 ? static_cast<double>(std::max<std::int64_t>(total_ - done_, 0)) / rate : 0;
  std::string line = fmt::format("{} {}/{}  {:.1f}/s  ", what_, done_, total_, rate);
  line += last ? fmt::format("{:.1f} s", seconds) : fmt::format("{:.0f} s left", left);
  if (!note.empty()) line += "  " + note;
  if (!terminal_) return log_info(line);
  const int width = 24;
  const int full = total_ > 0 ? static_cast<int>(std::min(done_, total_) * width / total_) : width;
  std::fprintf(stderr, "\r\033[K[%s%s] %s%s", std::string(full, '#').c_str(), std::string(width - full, '.').c_str(),
               line.c_str(), last ? "\n" : "");
  std::fflush(stderr);
}

}  // namespace cotan
