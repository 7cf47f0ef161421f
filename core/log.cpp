#include "core/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

namespace cotan {
namespace {

struct Log {
  Log() : logger("cotan", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()) {
    logger.set_pattern("%^%v%$");
    logger.flush_on(spdlog::level::trace);
  }
  void apply() {
    const bool silent = rank > 0 || level == LogLevel::quiet;
    logger.set_level(silent                        ? spdlog::level::off
                     : level == LogLevel::warnings ? spdlog::level::warn
                                                   : spdlog::level::info);
  }

  spdlog::logger logger;
  LogLevel level = LogLevel::normal;
  int rank = 0;
};

Log& the_log() {
  static Log log;
  return log;
}

}  // namespace

void set_log_level(LogLevel level) {
  the_log().level = level;
  the_log().apply();
}

void set_log_rank(int rank) {
  the_log().rank = rank;
  the_log().apply();
}

bool shows_info() {
  return the_log().logger.should_log(spdlog::level::info);
}

void log_info(std::string_view message) {
  the_log().logger.info("{}", message);
}

void log_warning(std::string_view message) {
  the_log().logger.warn("warning: {}", message);
}

}  // namespace cotan
