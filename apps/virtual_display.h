#pragma once
#include <string>

namespace cotan {

/// A display without a screen, by Xvfb: there while this lives.
class VirtualDisplay {
 public:
  /// \throw InputError where Xvfb does not start
  VirtualDisplay();
  ~VirtualDisplay();
  VirtualDisplay(const VirtualDisplay&) = delete;
  VirtualDisplay& operator=(const VirtualDisplay&) = delete;
  const std::string& name() const { return name_; }  ///< ":99", for DISPLAY
  static bool is_installed();                        ///< whether PATH has Xvfb

 private:
  int server_ = -1;
  std::string name_;
};

/// Starts a program with DISPLAY set and waits for it. \returns as waitpid does
/// \throw InputError where there is no process for it
int run_on_display(const std::string& program, const std::string& argument, const std::string& display);

}  // namespace cotan
