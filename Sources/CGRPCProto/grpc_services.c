#include "grpc_services.h"

#include <stdlib.h>
#include <string.h>

#include "grpc_protos.h"

ptrdiff_t grpc_health_read_request(const uint8_t *bytes, size_t count, uint8_t *name, size_t capacity) {
  Grpc__Health__V1__HealthCheckRequest *request = grpc__health__v1__health_check_request__unpack(NULL, count, bytes);
  if (request == NULL) return -1;
  size_t length = strlen(request->service);
  ptrdiff_t result = length <= capacity ? (ptrdiff_t)length : -1;
  if (result > 0) memcpy(name, request->service, length);
  grpc__health__v1__health_check_request__free_unpacked(request, NULL);
  return result;
}

size_t grpc_health_write_response(int32_t status, uint8_t *out) {
  Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
  response.status = (Grpc__Health__V1__HealthCheckResponse__ServingStatus)status;
  return grpc__health__v1__health_check_response__pack(&response, out);
}

int32_t grpc_health_read_response(const uint8_t *bytes, size_t count) {
  Grpc__Health__V1__HealthCheckResponse *response = grpc__health__v1__health_check_response__unpack(NULL, count, bytes);
  if (response == NULL) return -1;
  int32_t status = (int32_t)response->status;
  grpc__health__v1__health_check_response__free_unpacked(response, NULL);
  return status;
}

typedef Grpc__Reflection__V1__ServerReflectionRequest Request;
typedef Grpc__Reflection__V1__ServerReflectionResponse Response;

struct grpc_reflection_answer {
  Request *request;
  Response response;
  Grpc__Reflection__V1__FileDescriptorResponse files;
  Grpc__Reflection__V1__ListServiceResponse services;
  Grpc__Reflection__V1__ExtensionNumberResponse extensions;
  Grpc__Reflection__V1__ErrorResponse error;
};

grpc_reflection_answer *grpc_reflection_read(const uint8_t *bytes, size_t count) {
  Request *request = grpc__reflection__v1__server_reflection_request__unpack(NULL, count, bytes);
  if (request == NULL) return NULL;
  grpc_reflection_answer *answer = calloc(1, sizeof *answer);
  if (answer == NULL) {
    grpc__reflection__v1__server_reflection_request__free_unpacked(request, NULL);
    return NULL;
  }
  answer->request = request;
  grpc__reflection__v1__server_reflection_response__init(&answer->response);
  grpc__reflection__v1__file_descriptor_response__init(&answer->files);
  grpc__reflection__v1__list_service_response__init(&answer->services);
  grpc__reflection__v1__extension_number_response__init(&answer->extensions);
  grpc__reflection__v1__error_response__init(&answer->error);
  answer->response.valid_host = request->host;
  answer->response.original_request = request;
  return answer;
}

void grpc_reflection_free(grpc_reflection_answer *answer) {
  if (answer == NULL) return;
  for (size_t i = 0; i < answer->files.n_file_descriptor_proto; i++) free(answer->files.file_descriptor_proto[i].data);
  free(answer->files.file_descriptor_proto);
  for (size_t i = 0; i < answer->services.n_service; i++) {
    free(answer->services.service[i]->name);
    free(answer->services.service[i]);
  }
  free(answer->services.service);
  /* Strings that were never set point at protobuf-c's shared empty string. */
  if (answer->error.error_message != protobuf_c_empty_string) free(answer->error.error_message);
  if (answer->extensions.base_type_name != protobuf_c_empty_string) free(answer->extensions.base_type_name);
  grpc__reflection__v1__server_reflection_request__free_unpacked(answer->request, NULL);
  free(answer);
}

int32_t grpc_reflection_asks(const grpc_reflection_answer *answer) {
  return (int32_t)answer->request->message_request_case;
}

const char *grpc_reflection_text(const grpc_reflection_answer *answer) {
  const Request *request = answer->request;
  switch (request->message_request_case) {
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_BY_FILENAME:
      return request->file_by_filename;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_SYMBOL:
      return request->file_containing_symbol;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION:
      return request->file_containing_extension->containing_type;
    case GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_ALL_EXTENSION_NUMBERS_OF_TYPE:
      return request->all_extension_numbers_of_type;
    default:
      return "";
  }
}

int32_t grpc_reflection_extension_number(const grpc_reflection_answer *answer) {
  const Request *request = answer->request;
  return request->message_request_case ==
                 GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_FILE_CONTAINING_EXTENSION
             ? request->file_containing_extension->extension_number
             : 0;
}

void grpc_reflection_add_file(grpc_reflection_answer *answer, const uint8_t *bytes, size_t count) {
  size_t n = answer->files.n_file_descriptor_proto;
  ProtobufCBinaryData *grown = realloc(answer->files.file_descriptor_proto, (n + 1) * sizeof *grown);
  if (grown == NULL) return;
  answer->files.file_descriptor_proto = grown;
  uint8_t *copy = malloc(count > 0 ? count : 1);
  if (copy == NULL) return;
  memcpy(copy, bytes, count);
  grown[n] = (ProtobufCBinaryData){.len = count, .data = copy};
  answer->files.n_file_descriptor_proto = n + 1;
  answer->response.message_response_case =
      GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_FILE_DESCRIPTOR_RESPONSE;
  answer->response.file_descriptor_response = &answer->files;
}

void grpc_reflection_add_service(grpc_reflection_answer *answer, const char *name) {
  size_t n = answer->services.n_service;
  Grpc__Reflection__V1__ServiceResponse **grown = realloc(answer->services.service, (n + 1) * sizeof *grown);
  if (grown == NULL) return;
  answer->services.service = grown;
  Grpc__Reflection__V1__ServiceResponse *service = malloc(sizeof *service);
  char *copy = strdup(name);
  if (service == NULL || copy == NULL) {
    free(service);
    free(copy);
    return;
  }
  grpc__reflection__v1__service_response__init(service);
  service->name = copy;
  grown[n] = service;
  answer->services.n_service = n + 1;
  answer->response.message_response_case =
      GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_LIST_SERVICES_RESPONSE;
  answer->response.list_services_response = &answer->services;
}

void grpc_reflection_set_extensions(grpc_reflection_answer *answer, const char *type) {
  char *copy = strdup(type);
  if (copy == NULL) return;
  answer->extensions.base_type_name = copy;
  answer->response.message_response_case =
      GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ALL_EXTENSION_NUMBERS_RESPONSE;
  answer->response.all_extension_numbers_response = &answer->extensions;
}

void grpc_reflection_set_error(grpc_reflection_answer *answer, int32_t code, const char *message) {
  char *copy = strdup(message);
  if (copy == NULL) return;
  answer->error.error_code = code;
  answer->error.error_message = copy;
  answer->response.message_response_case =
      GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_ERROR_RESPONSE;
  answer->response.error_response = &answer->error;
}

size_t grpc_reflection_size(const grpc_reflection_answer *answer) {
  return grpc__reflection__v1__server_reflection_response__get_packed_size(&answer->response);
}

void grpc_reflection_write(const grpc_reflection_answer *answer, uint8_t *out) {
  grpc__reflection__v1__server_reflection_response__pack(&answer->response, out);
}
