#include "mesh/operators.h"
