#include "mesh/partition.h"
