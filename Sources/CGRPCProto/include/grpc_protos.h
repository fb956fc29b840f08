/* Made by scripts/generate-protos.sh: everything of proto/grpc. */
#pragma once
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "grpc/reflection/v1alpha/reflection.pb-c.h"
#include "grpc_descriptor_set.h"
