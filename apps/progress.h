#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace cotan {

/// A bar with rate and time left on a terminal, a plain line now and then otherwise; on standard error.
class Progress {
 public:
  Progress(std::string what, std::int64_t total);
  void advance(const std::string& note = "");  ///< one step done
  void finish();

 private:
  void draw(const std::string& note, bool last);
  std::string what_;
  std::int64_t total_, done_ = 0;
  bool terminal_;
  std::chrono::steady_clock::time_point start_, drawn_;
};

/// Ctrl-C and SIGTERM set a flag that loops look at; a second one ends the process at once.
void watch_interrupts();
bool interrupted();

}  // namespace cotan
