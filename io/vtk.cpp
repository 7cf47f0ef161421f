#include "io/vtk.h"
