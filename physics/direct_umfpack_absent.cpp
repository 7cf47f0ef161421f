#include "core/check.h"
#include "physics/direct.h"

namespace cotan {
namespace {

[[noreturn]] void refuse() {
  throw InputError("this build of cotan has no UMFPACK: configure with -DCOTAN_GPL=ON");
}

}  // namespace

Solve factorise_umfpack(const SparseMatrix&) {
  refuse();
}

Factorise ordered_umfpack() {
  refuse();
}

}  // namespace cotan
