#pragma once
// Cases from texts, and what is said of wrong ones.
#include <string>

#include "core/check.h"
#include "mesh/case.h"

namespace cotan::testing_case {

inline Case parse(const std::string& text) {
  return parse_case(Config::parse_text(text, "case.yaml"));
}

// The message of the InputError that `action` throws.
template <class Action>
std::string message(Action action) {
  try {
    action();
  } catch (const InputError& e) {
    return e.what();
  }
  return "nothing was thrown";
}

inline std::string refusal(const std::string& text) {
  return message([&] { parse(text); });
}

}  // namespace cotan::testing_case
