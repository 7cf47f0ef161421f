#include "core/check.h"
#include "mesh/partition.h"

namespace cotan {

Partitioner metis_partitioner(MetisOptions) {
  throw InputError("this build has no METIS: configure with -DCOTAN_METIS=ON, or partition by blocks");
}

}  // namespace cotan
