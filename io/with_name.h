#pragma once
#include <string>
#include <string_view>

#include "core/check.h"

namespace cotan {

/// What f() gives. Messages of the InputErrors that it throws get `name` before them, unless they begin with it: what
/// a mesh or a grid finds wrong knows no file.
template <class Function>
auto with_name(const std::string& name, const Function& f) {
  try {
    return f();
  } catch (const InputError& error) {
    if (std::string_view(error.what()).starts_with(name)) throw;
    throw InputError(name + ": " + error.what());
  }
}

}  // namespace cotan
