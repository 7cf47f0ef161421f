#include "io/archive.h"
