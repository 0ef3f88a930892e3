import Dynamics
import LinearAlgebra

/// A ray: from a point in a unit direction.
package struct Ray {
  package var origin: Vector3
  package var direction: Vector3
}

/// Looks at a target from a distance; y is up.
package struct Camera {
  /// What it looks at (m).
  package var target = Vector3(0, 1, 0)
  /// Distance from the target (m).
  package var distance = 12.0
  /// Turn about y and height above the horizon (rad).
  package var yaw = 0.6
  package var pitch = 0.32
  /// Tangent of half the vertical field of view: 40°.
  static let tangent = 0.364

  package init() {}

  /// Unit vectors to the right, up and ahead.
  package var axes: (right: Vector3, up: Vector3, forward: Vector3) {
    let (sy, cy) = Trigonometry.sineAndCosine(yaw)
    let (sp, cp) = Trigonometry.sineAndCosine(pitch)
    let forward = Vector3(-sy * cp, -sp, -cy * cp)
    let right = Vector3(cy, 0, -sy)
    return (right, right.cross(forward), forward)
  }

  /// Where it is (m).
  package var eye: Vector3 { target - distance * axes.forward }

  /// From the world to clip coordinates of a viewport of a width over height.
  func matrix(aspect: Double) -> Matrix4 {
    let (right, up, forward) = axes
    // Near and far follow the distance: a clock and a quarry are both seen.
    let near = max(0.01 * distance, 1e-4)
    return .perspective(
      tangent: Float(Self.tangent), aspect: Float(aspect), near: Float(near), far: Float(400 * distance + 200))
      * .view(eye: eye, right: right, up: up, forward: forward)
  }

  /// The ray through a point of the viewport: x to the right, y down, each from −1 to 1.
  package func ray(x: Double, y: Double, aspect: Double) -> Ray {
    let (right, up, forward) = axes
    let direction = forward + Self.tangent * aspect * x * right - Self.tangent * y * up
    return Ray(origin: eye, direction: direction.normalized())
  }

  /// Where a point is in the viewport, as `ray` takes it; nil behind the eye.
  package func project(_ point: Vector3, aspect: Double) -> (x: Double, y: Double)? {
    let (right, up, forward) = axes
    let offset = point - eye
    let depth = offset.dot(forward)
    guard depth > 1e-6 else { return nil }
    return (offset.dot(right) / (depth * Self.tangent * aspect), -offset.dot(up) / (depth * Self.tangent))
  }

  /// Turns about the target (rad).
  package mutating func orbit(_ dx: Double, _ dy: Double) {
    yaw += dx
    pitch = min(max(pitch + dy, -1.55), 1.55)
  }

  /// Moves sideways and up by shares of the viewport's height.
  package mutating func pan(_ dx: Double, _ dy: Double) {
    let scale = 2 * Self.tangent * distance
    let (right, up, _) = axes
    target += scale * (-dx * right + dy * up)
  }

  /// Comes nearer by a factor.
  package mutating func zoom(_ factor: Double) { distance = min(max(distance * factor, 0.02), 1e5) }

  /// Flies: the eye moves by a vector of right, up and forward (m).
  package mutating func fly(_ move: Vector3) {
    let (right, up, forward) = axes
    target += move.x * right + move.y * up + move.z * forward
  }

  /// Turns the view from where the eye is (rad).
  package mutating func look(_ dx: Double, _ dy: Double) {
    let eye = self.eye
    orbit(dx, dy)
    target = eye + distance * axes.forward
  }

  /// Shows a box (m) in a viewport of a width over height, with a little room around it.
  package mutating func frame(_ box: BoundingBox, aspect: Double) {
    target = box.center
    let (right, up, forward) = axes
    let e = box.halfExtents
    var farthest = 0.02
    for corner in 0..<8 {
      let c = Vector3(corner & 1 == 0 ? -e.x : e.x, corner & 2 == 0 ? -e.y : e.y, corner & 4 == 0 ? -e.z : e.z)
      let across = max(c.dot(right).magnitude / aspect, c.dot(up).magnitude) / (0.88 * Self.tangent)
      farthest = max(farthest, across - c.dot(forward))
    }
    distance = farthest
  }
}
