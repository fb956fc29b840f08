/* Made by scripts/generate-protos.sh. A serialized google.protobuf.FileDescriptorSet. */
#pragma once
#include <stddef.h>
#include <stdint.h>

extern const uint8_t penstock_descriptor_set[29462];
extern const size_t penstock_descriptor_set_size;
/* Copies all of it: Swift imports so large an array only as a tuple. */
void penstock_descriptor_set_copy(uint8_t *out);
