import CVision

// The way from the C interface's statuses to ``VisionError``.

/// What the last failed call of this thread left behind.
func lastMessage() -> String { String(cString: vis_last_message()) }

func check(_ status: vis_status, path: String = "<memory>") throws(VisionError) {
  switch status {
  case vis_ok: return
  case vis_out_of_memory: throw .outOfMemory(path: path)
  default: throw .engine(reason: lastMessage())
  }
}

/// An array that `fill` writes all of, and the status it returned.
func pixelBuffer(
  _ count: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> vis_status
) -> ([UInt8], vis_status) {
  var status = vis_ok
  let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    guard let start = buffer.baseAddress else { return }
    status = fill(start)
    initialized = status == vis_ok ? count : 0
  }
  return (pixels, status)
}

/// As ``pixelBuffer(_:_:)``, any status but success thrown.
func filledPixels(
  _ count: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> vis_status
) throws(VisionError) -> [UInt8] {
  let (pixels, status) = pixelBuffer(count, fill)
  try check(status)
  return pixels
}
