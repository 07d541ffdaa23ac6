#pragma once
// Everything that this library offers is in CVideoAPI.h.
#include "CVideoAPI.h"
