#include "mesh/graph.h"
