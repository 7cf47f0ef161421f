#include "gnn/model.h"
