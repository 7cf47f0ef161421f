#pragma once
#include <string_view>

namespace cotan {

/// Lines for the person at the terminal, on standard error; results go to standard output.
/// The one global in the house is this level.
enum class LogLevel { quiet, warnings, normal };
void set_log_level(LogLevel level);
void set_log_rank(int rank);  ///< ranks above 0 say nothing: what is said concerns the whole program
bool shows_info();            ///< whether log_info says anything, on this rank
void log_info(std::string_view message);
void log_warning(std::string_view message);

}  // namespace cotan
