// The libraries that Parsing reads with: expat, yajl and libyaml.
#pragma once

#include <expat.h>
#include <stddef.h>
#include <yajl/yajl_parse.h>
#include <yaml.h>

/// An XML parser of UTF-8 that fails with XML_ERROR_NO_MEMORY instead of taking more than
/// `byte_limit` bytes in all. It belongs to the thread that made it, which uses no other one until
/// it has freed this one.
XML_Parser cp_xml_parser(size_t byte_limit);

/// A JSON parser; unless it checks text, strings of any bytes are taken.
yajl_handle cp_json_parser(const yajl_callbacks *callbacks, void *context, int checks_text);
