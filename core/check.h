#pragma once
#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cotan {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The user can mend it: a file, key, option or argument. Exit code 2.
struct InputError : Error {
  using Error::Error;
};
/// The numbers failed: blow-up, no convergence. Exit code 3. Name the step and the time.
struct NumericsError : Error {
  using Error::Error;
};

/// "a, b, c"; "nothing" for an empty list.
std::string join(std::span<const std::string> words, std::string_view separator = ", ");

/// "unknown WHAT 'NAME' (did you mean 'B'?); there are: A, B": the message for a name that is not in a list.
std::string unknown_name(std::string_view what, std::string_view name, std::span<const std::string> there_are);

/// Checks the shape of an array at a public entry; -1 stands for any extent.
/// \throw Error naming the array, the found and the expected shape
void check_shape(std::span<const std::int64_t> found, std::span<const std::int64_t> expected, std::string_view name);
void check_shape(std::span<const std::int64_t> found, std::initializer_list<std::int64_t> expected,
                 std::string_view name);

}  // namespace cotan

/// Checks the user's input, always on. `message` is streamed: problem (why it is one); what there is.
/// \throw cotan::InputError
#define COTAN_REQUIRE(condition, message)                  \
  do {                                                     \
    if (!(condition)) {                                    \
      std::ostringstream stream_;                          \
      stream_ << message;                                  \
      throw ::cotan::InputError(std::move(stream_).str()); \
    }                                                      \
  } while (0)

/// Our own mistake; checked in builds with assertions.
#define COTAN_ASSERT(condition) assert(condition)
