import Dynamics
import LinearAlgebra

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
struct SplitMix {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(next() >> 11) * 0x1p-53
  }

  mutating func vector(_ size: Double) -> Vector3 {
    Vector3(uniform(-size, size), uniform(-size, size), uniform(-size, size))
  }

  /// Uniform on the sphere.
  mutating func direction() -> Vector3 {
    while true {
      let v = vector(1)
      if v.lengthSquared <= 1 && v.lengthSquared > 1e-4 { return v.normalized() }
    }
  }

  /// Uniform over all rotations (Shoemake 1992, by rejection).
  mutating func rotation() -> Quaternion {
    while true {
      let q = Quaternion(uniform(-1, 1), uniform(-1, 1), uniform(-1, 1), uniform(-1, 1))
      if q.norm <= 1 && q.norm > 0.1 { return q.normalized }
    }
  }

  mutating func pose(_ size: Double) -> RigidTransform {
    RigidTransform(position: vector(size), orientation: rotation())
  }
}

/// Contacts of a and b with a fresh hint.
func contacts(
  _ a: Geometry, _ poseA: RigidTransform, _ b: Geometry, _ poseB: RigidTransform, margin: Double = 0
) -> ContactManifold {
  var hint = PairHint()
  return contacts(a, poseA, b, poseB, margin: margin, hint: &hint)
}

/// Contacts of a and b.
func contacts(
  _ a: Geometry, _ poseA: RigidTransform, _ b: Geometry, _ poseB: RigidTransform, margin: Double,
  hint: inout PairHint
) -> ContactManifold {
  var manifold = ContactManifold()
  Narrowphase.collide(a, poseA, b, poseB, margin: margin, hint: &hint, into: &manifold)
  return manifold
}

/// A pose without rotation.
func at(_ x: Double, _ y: Double, _ z: Double) -> RigidTransform {
  RigidTransform(position: Vector3(x, y, z))
}

extension ContactManifold {
  var points: [ContactPoint] { (0..<Int(count)).map { self[$0] } }
  /// Smallest separation (m).
  var deepest: Double { points.map(\.separation).min() ?? .infinity }
  var features: [UInt32] { points.map(\.feature).sorted() }

  /// Whether some point is at `place` to within `tolerance` (m).
  func hasPoint(at place: Vector3, tolerance: Double = 1e-12) -> Bool {
    points.contains { ($0.position - place).length <= tolerance }
  }
}

func sphere(_ radius: Double) -> Geometry { Geometry(.sphere, size: Vector3(radius, 0, 0)) }
func capsule(_ radius: Double, _ halfLength: Double) -> Geometry {
  Geometry(.capsule, size: Vector3(radius, halfLength, 0))
}
func cylinder(_ radius: Double, _ halfHeight: Double) -> Geometry {
  Geometry(.cylinder, size: Vector3(radius, halfHeight, 0))
}
func box(_ x: Double, _ y: Double, _ z: Double) -> Geometry { Geometry(.box, size: Vector3(x, y, z)) }
let plane = Geometry(.plane)

func triangle(_ a: Vector3, _ b: Vector3, _ c: Vector3) -> Geometry {
  var geometry = Geometry(.triangle)
  geometry.triangle = (a, b, c)
  return geometry
}
