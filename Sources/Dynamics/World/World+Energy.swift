import LinearAlgebra

/// Energy, momentum and extent.
extension World {
  /// Inertia tensor of a body in world axes (kg·m²).
  public func worldInertia(of index: Int) -> Matrix3 {
    poses.pointer[index].orientation.matrix.congruence(masses.pointer[index].inertia)
  }

  /// Kinetic energy of all dynamic bodies and their potential energy in gravity (J), the origin at height 0.
  public var mechanicalEnergy: Double {
    var sum = 0.0
    for index in 0..<bodyCount where masses.pointer[index].mass > 0 {
      let mass = masses.pointer[index]
      let velocity = velocities.pointer[index]
      let pose = poses.pointer[index]
      let spin = pose.orientation.inverseRotate(velocity.angular)
      sum += 0.5 * mass.mass * velocity.linear.lengthSquared + 0.5 * spin.dot(mass.inertia * spin)
      sum -= mass.mass * mass.gravityScale * gravity.dot(pose.position)
    }
    return sum
  }

  /// Linear momentum (kg·m/s) and angular momentum about the origin (kg·m²/s).
  public var momentum: Vector6 {
    var sum = Vector6.zero
    for index in 0..<bodyCount where masses.pointer[index].mass > 0 {
      let p = masses.pointer[index].mass * velocities.pointer[index].linear
      let spin = worldInertia(of: index) * velocities.pointer[index].angular
      sum += Vector6(linear: p, angular: spin + poses.pointer[index].position.cross(p))
    }
    return sum
  }

  /// Mass of all dynamic bodies (kg).
  public var totalMass: Double {
    var sum = 0.0
    for index in 0..<bodyCount { sum += masses.pointer[index].mass }
    return sum
  }

  /// Diagonal of the box around all dynamic bodies' centres and shapes (m).
  public var extent: Double {
    var lower = Vector3(.infinity, .infinity, .infinity)
    var upper = -lower
    for index in 0..<bodyCount where masses.pointer[index].mass > 0 {
      let center = poses.pointer[index].position
      lower = lower.minimum(center)
      upper = upper.maximum(center)
      if let shape = shapes[index] {
        let bounds = shape.bounds(at: framePose(of: BodyID(index)))
        lower = lower.minimum(bounds.lower)
        upper = upper.maximum(bounds.upper)
      }
    }
    return lower.x <= upper.x ? (upper - lower).length : 0
  }

  /// Hash of all poses and velocities, bit by bit, mixed into `seed`.
  public func stateHash(mixing seed: UInt64) -> UInt64 {
    var hash = seed
    func mix(_ value: Double) {
      hash = (hash ^ value.bitPattern) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 32
    }
    func mix(_ vector: Vector3) {
      mix(vector.x)
      mix(vector.y)
      mix(vector.z)
    }
    for index in 0..<bodyCount {
      let pose = poses.pointer[index]
      let velocity = velocities.pointer[index]
      mix(pose.position)
      mix(pose.orientation.w)
      mix(pose.orientation.imaginary)
      mix(velocity.linear)
      mix(velocity.angular)
    }
    return hash
  }
}
