import LinearAlgebra

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers everywhere.
struct CollisionRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// Uniform in [low, high).
  mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(next() >> 11) * 0x1p-53
  }

  mutating func index(below count: Int) -> Int { Int(next() % UInt64(count)) }

  mutating func vector(_ size: Double) -> Vector3 {
    let x = uniform(-size, size)
    let y = uniform(-size, size)
    return Vector3(x, y, uniform(-size, size))
  }

  mutating func direction() -> Vector3 {
    while true {
      let v = vector(1)
      if v.lengthSquared <= 1 && v.lengthSquared > 1e-4 { return v.normalized() }
    }
  }

  mutating func rotation() -> Quaternion {
    let axis = direction()
    return Quaternion(angle: uniform(0, 6), axis: axis)
  }
}
