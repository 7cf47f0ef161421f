#include "mesh/segment.h"
