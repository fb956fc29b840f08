#include "CGRPCProto.h"
