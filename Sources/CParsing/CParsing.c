#include "CParsing.h"

#include <malloc.h>
#include <stdlib.h>

// expat's memory functions are told of no parser, so what is left belongs to the thread.
static _Thread_local size_t bytes_left;

static void *bounded_realloc(void *old, size_t size) {
  size_t before = old ? malloc_usable_size(old) : 0;
  if (size > bytes_left + before) return NULL;
  void *block = realloc(old, size);
  if (!block) return NULL;
  size_t after = malloc_usable_size(block);
  bytes_left += before;
  bytes_left -= after < bytes_left ? after : bytes_left;
  return block;
}

static void *bounded_malloc(size_t size) { return bounded_realloc(NULL, size); }

static void bounded_free(void *block) {
  if (block) bytes_left += malloc_usable_size(block);
  free(block);
}

XML_Parser cp_xml_parser(size_t byte_limit) {
  static const XML_Memory_Handling_Suite functions = {bounded_malloc, bounded_realloc, bounded_free};
  bytes_left = byte_limit;
  return XML_ParserCreate_MM("UTF-8", &functions, NULL);
}

yajl_handle cp_json_parser(const yajl_callbacks *callbacks, void *context, int checks_text) {
  yajl_handle parser = yajl_alloc(callbacks, NULL, context);
  if (parser && !checks_text) yajl_config(parser, yajl_dont_validate_strings, 1);
  return parser;
}
