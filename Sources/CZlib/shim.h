// zlib, as the system has it: checksums, and what MATLAB packs.
#pragma once
#include <zlib.h>
