/*
 * Health and reflection messages for Swift, which so needs no pointer: protobuf-c reads and writes them here.
 * v1 and v1alpha of reflection are the same on the wire.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Reads a HealthCheckRequest. Writes its service's name, without a terminator, to `name`.
 * Returns the name's length; -1 when the bytes are no such message or the name does not fit. */
ptrdiff_t grpc_health_read_request(const uint8_t *bytes, size_t count, uint8_t *name, size_t capacity);

/* Writes a HealthCheckResponse, at most 16 bytes. Returns its length. */
size_t grpc_health_write_response(int32_t status, uint8_t *out);

/* Reads a HealthCheckResponse. Returns its status; -1 when the bytes are no such message. */
int32_t grpc_health_read_response(const uint8_t *bytes, size_t count);

/* What a ServerReflectionRequest asks, by the number of its oneof's field. */
typedef enum {
  GRPC_ASKS_NOTHING = 0,
  GRPC_ASKS_FILE_BY_NAME = 3,
  GRPC_ASKS_FILE_BY_SYMBOL = 4,
  GRPC_ASKS_FILE_BY_EXTENSION = 5,
  GRPC_ASKS_EXTENSION_NUMBERS = 6,
  GRPC_ASKS_SERVICES = 7
} grpc_reflection_question;

/* One question and the answer that is being built for it. */
typedef struct grpc_reflection_answer grpc_reflection_answer;

/* Reads a ServerReflectionRequest. NULL when the bytes are no such message, or without memory. */
grpc_reflection_answer *grpc_reflection_read(const uint8_t *bytes, size_t count);
void grpc_reflection_free(grpc_reflection_answer *answer);

int32_t grpc_reflection_asks(const grpc_reflection_answer *answer);
/* The question's text (file name, symbol, type), NUL-terminated; valid until the free. */
const char *grpc_reflection_text(const grpc_reflection_answer *answer);
int32_t grpc_reflection_extension_number(const grpc_reflection_answer *answer);

/* Each copies its bytes. An answer is of one kind and is set once. They do nothing without memory. */
void grpc_reflection_add_file(grpc_reflection_answer *answer, const uint8_t *bytes, size_t count);
void grpc_reflection_add_service(grpc_reflection_answer *answer, const char *name);
void grpc_reflection_set_extensions(grpc_reflection_answer *answer, const char *type);
void grpc_reflection_set_error(grpc_reflection_answer *answer, int32_t code, const char *message);

/* The ServerReflectionResponse: its size, then its bytes. */
size_t grpc_reflection_size(const grpc_reflection_answer *answer);
void grpc_reflection_write(const grpc_reflection_answer *answer, uint8_t *out);
