#include "mesh/halo.h"
