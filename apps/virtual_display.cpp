#include "apps/virtual_display.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "core/check.h"

namespace cotan {
namespace {

// In a child: between fork and exec only what is safe there.
[[noreturn]] void become_server(int answer, const char* descriptor) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  setpgid(0, 0);  // Ctrl-C is for the program, which ends the server
  fcntl(answer, F_SETFD, 0);
  const int nowhere = open("/dev/null", O_RDWR);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nowhere, stream);
  execlp("Xvfb", "Xvfb", "-displayfd", descriptor, "-screen", "0", "640x480x24", "-nolisten", "tcp", nullptr);
  _exit(127);
}

// The number that the server writes once it is ready; empty where it ends, or takes longer than half a minute.
std::string read_number(int from) {
  std::string number;
  char c = 0;
  for (;;) {
    pollfd ready{from, POLLIN, 0};
    if (poll(&ready, 1, 30'000) < 1 || read(from, &c, 1) != 1) return "";
    if (c == '\n') return number;
    number += c;
  }
}

}  // namespace

bool VirtualDisplay::is_installed() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((std::filesystem::path(folder) / "Xvfb").c_str(), X_OK) == 0) return true;
  }
  return false;
}

VirtualDisplay::VirtualDisplay() {
  int ends[2];
  COTAN_REQUIRE(pipe2(ends, O_CLOEXEC) == 0, "no pipe to Xvfb: " << std::strerror(errno));
  const std::string descriptor = std::to_string(ends[1]);
  server_ = fork();
  if (server_ == 0) become_server(ends[1], descriptor.c_str());
  close(ends[1]);
  const std::string number = server_ > 0 ? read_number(ends[0]) : "";
  close(ends[0]);
  if (number.empty()) {
    if (server_ > 0) kill(server_, SIGKILL), waitpid(server_, nullptr, 0);
    throw InputError("a display without a screen cannot be had: Xvfb does not start");
  }
  name_ = ":" + number;
}

VirtualDisplay::~VirtualDisplay() {
  kill(server_, SIGTERM);
  while (waitpid(server_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

int run_on_display(const std::string& program, const std::string& argument, const std::string& display) {
  const pid_t child = fork();
  COTAN_REQUIRE(child >= 0, "no process for " << program << ": " << std::strerror(errno));
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    setenv("DISPLAY", display.c_str(), 1);
    execl(program.c_str(), program.c_str(), argument.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace cotan
