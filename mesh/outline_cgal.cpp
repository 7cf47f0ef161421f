#include "mesh/outline.h"
