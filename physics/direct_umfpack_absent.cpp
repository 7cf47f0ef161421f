#include "core/check.h"
#include "physics/direct.h"

namespace cotan {

Solve factorise_umfpack(const SparseMatrix&) {
  throw InputError("this build of cotan has no UMFPACK: configure with -DCOTAN_GPL=ON");
}

}  // namespace cotan
