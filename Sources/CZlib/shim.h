// zlib, as the system has it: MATLAB's files are compressed with it.
#pragma once
#include <zlib.h>
