// The target is its header; a target needs a source.
#include "CVideoAPI.h"

_Static_assert(CVIDEO_API_VERSION > 0, "versions count from 1");
