#include "integrators/state.h"
