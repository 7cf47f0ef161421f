#include "physics/problem.h"
