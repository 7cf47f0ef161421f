#include "io/gmsh.h"
