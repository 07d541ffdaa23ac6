#include "Support.h"

#include <ATen/autocast_mode.h>

using namespace ctorch;

static at::DeviceType kind(ct_device_type type) { return type == CT_CUDA ? at::kCUDA : at::kCPU; }

ct_status ct_autocast_begin(ct_device_type type, ct_dtype dtype, bool enabled,
                            ct_autocast *before) {
  return guarded([&] {
    const auto place = kind(type);
    *before = {type, at::autocast::is_autocast_enabled(place),
               static_cast<ct_dtype>(at::autocast::get_autocast_dtype(place))};
    at::autocast::set_autocast_dtype(place, static_cast<at::ScalarType>(dtype));
    at::autocast::set_autocast_enabled(place, enabled);
    at::autocast::increment_nesting();
  });
}

ct_status ct_autocast_end(ct_autocast before) {
  return guarded([&] {
    // The cache holds lowered copies of the parameters, which the next step changes.
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(kind(before.type), before.was_enabled);
    at::autocast::set_autocast_dtype(kind(before.type), static_cast<at::ScalarType>(before.dtype));
  });
}
