#include "CPenstockProto.h"
