/* Made by scripts/generate-protos.sh: everything of proto/penstock. */
#pragma once
#include "penstock/v1/admin.pb-c.h"
#include "penstock/v1/events.pb-c.h"
#include "penstock/v1/market_data.pb-c.h"
#include "penstock/v1/metrics.pb-c.h"
#include "penstock/v1/service.pb-c.h"
#include "google/protobuf/field_mask.pb-c.h"
#include "penstock_descriptor_set.h"
