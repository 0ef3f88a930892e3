import Dynamics
import LinearAlgebra

/// The layers as lines.
enum DebugLines {
  /// Contacts up to which friction cones are drawn.
  private static let coneLimit = 400

  /// Adds the layers of a world that stands at `offset`; `tint` is its colour where there are several.
  static func add(
    _ world: WorldFrame, _ frame: ViewFrame, _ model: ViewerModel, offset: Vector3, tint: SIMD4<Float>?,
    models: [BodyModel], eye: Vector3, to stage: inout StageRenderer.Stage
  ) {
    let layers = model.layers
    let size = model.typicalRadius
    if layers.contains(.joints) {
      for joint in world.joints {
        let color = Palette.error(joint.error)
        for (a, b) in joint.lines {
          stage.overlay.append(.init(a + offset, b + offset, color, width: 1.6))
        }
        if let (a, _) = joint.lines.first { stage.overlay.append(.init(a + offset, a + offset, color, width: 3)) }
      }
    }
    addContacts(world.contacts, layers, size, offset, to: &stage)
    for body in 0..<min(models.count, world.poses.count) where frame.cast.kinds[body] != .static {
      let pose = world.poses[body]
      let position = pose.position + offset
      if layers.contains(.boxes), let shape = frame.cast.shapes[body] {
        let local = RigidTransform(position: -frame.cast.centers[body])
        addBox(shape.bounds(at: pose * local), offset, to: &stage)
      }
      if layers.contains(.centers) {
        for (axis, color) in [
          (Vector3(1, 0, 0), SIMD4<Float>(0.95, 0.35, 0.30, 1)), (Vector3(0, 1, 0), SIMD4(0.45, 0.85, 0.35, 1)),
          (Vector3(0, 0, 1), SIMD4(0.40, 0.60, 1, 1)),
        ] {
          stage.overlay.append(
            .init(position, position + 0.4 * size * pose.orientation.rotate(axis), color, width: 1.2))
        }
      }
      if layers.contains(.velocities) {
        let color = SIMD4<Float>(0.98, 0.86, 0.35, 1)
        addArrow(position, position + 0.1 * world.velocities[body].linear, color, eye, to: &stage)
      }
    }
    if let body = model.selected, body < world.poses.count {
      let center = world.poses[body].position + offset
      stage.overlay.append(.init(center, center, tint ?? SIMD4(0.55, 0.85, 1, 1), width: 3))
    }
    if let drag = frame.drag, drag.body < world.poses.count {
      let point = world.poses[drag.body].apply(drag.local) + offset
      let color = tint ?? SIMD4(1, 0.85, 0.4, 1)
      stage.overlay.append(.init(point, drag.target + offset, color, width: 1.6))
      stage.overlay.append(.init(point, point, color, width: 4))
      stage.overlay.append(.init(drag.target + offset, drag.target + offset, color, width: 3))
    }
  }

  private static func addContacts(
    _ contacts: [ContactMark], _ layers: Set<Layer>, _ size: Double, _ offset: Vector3,
    to stage: inout StageRenderer.Stage
  ) {
    var largest = 0.0
    for contact in contacts { largest = max(largest, contact.force.length) }
    for (index, contact) in contacts.enumerated() {
      let color = Palette.mode(contact.mode)
      let p = contact.position + offset
      if layers.contains(.contacts) { stage.overlay.append(.init(p, p, color, width: 2.6)) }
      if layers.contains(.normals) {
        stage.overlay.append(.init(p, p + 0.3 * size * contact.normal, SIMD4(0.75, 0.80, 0.90, 1), width: 1.2))
      }
      if layers.contains(.forces), largest > 0 {
        let tip = p + size / largest * contact.force
        stage.overlay.append(.init(p, tip, SIMD4(1, 0.45, 0.45, 1), width: 1.8))
      }
      if layers.contains(.cones), index < coneLimit, contact.mode != .open {
        addCone(contact, p, 0.3 * size, color, to: &stage)
      }
    }
  }

  private static func addCone(
    _ contact: ContactMark, _ apex: Vector3, _ height: Double, _ color: SIMD4<Float>,
    to stage: inout StageRenderer.Stage
  ) {
    let (t1, t2) = contact.normal.tangents
    let count = 12
    func rim(_ index: Int) -> Vector3 {
      let (sine, cosine) = Trigonometry.sineAndCosine(2 * Double.pi * Double(index) / Double(count))
      return apex + height * (contact.normal + contact.friction * (cosine * t1 + sine * t2))
    }
    for index in 0..<count {
      stage.overlay.append(.init(rim(index), rim(index + 1), color, width: 0.8))
      if index % 3 == 0 { stage.overlay.append(.init(apex, rim(index), color, width: 0.8)) }
    }
  }

  private static func addBox(_ box: BoundingBox, _ offset: Vector3, to stage: inout StageRenderer.Stage) {
    guard box.lower.isFinite, box.upper.isFinite else { return }
    let color = SIMD4<Float>(0.85, 0.55, 0.95, 0.9)
    func corner(_ i: Int) -> Vector3 {
      offset
        + Vector3(
          i & 1 == 0 ? box.lower.x : box.upper.x, i & 2 == 0 ? box.lower.y : box.upper.y,
          i & 4 == 0 ? box.lower.z : box.upper.z)
    }
    for i in 0..<8 {
      for bit in [1, 2, 4] where i & bit == 0 {
        stage.lines.append(.init(corner(i), corner(i | bit), color, width: 0.9))
      }
    }
  }

  private static func addArrow(
    _ from: Vector3, _ to: Vector3, _ color: SIMD4<Float>, _ eye: Vector3, to stage: inout StageRenderer.Stage
  ) {
    stage.overlay.append(.init(from, to, color, width: 1.4))
    let direction = to - from
    let side = direction.cross(eye - to).normalized()
    guard side != .zero else { return }
    let back = to - 0.2 * direction
    let width = 0.08 * direction.length
    stage.overlay.append(.init(to, back + width * side, color, width: 1.4))
    stage.overlay.append(.init(to, back - width * side, color, width: 1.4))
  }
}
