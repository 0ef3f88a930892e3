import ConstraintSystem
import LinearAlgebra

/// Three numbers in single precision.
public struct Float3: BitwiseCopyable, Sendable, Equatable {
  /// Components.
  public var x, y, z: Float

  /// A vector, rounded.
  @inline(__always)
  public init(_ vector: Vector3) {
    x = Float(vector.x)
    y = Float(vector.y)
    z = Float(vector.z)
  }

  /// The vector.
  public var vector: Vector3 { Vector3(Double(x), Double(y), Double(z)) }
}

/// A contact point of the last substep and its force, as recordings keep it: fixed to both bodies, so that place and gap
/// follow from their poses. Seven digits, 56 bytes without padding: contacts are most of what a step of a pile leaves.
public struct ContactForce: BitwiseCopyable, Sendable, Equatable {
  /// Bodies a and b.
  public var bodyA: Int32
  public var bodyB: Int32
  /// Unit normal from a to b (world).
  public var normal: Float3
  /// Surface points in coordinates of the centres of mass (m).
  public var localA: Float3
  public var localB: Float3
  /// Mean force on body b over the substep (N) along the normal and its two tangents (`Vector3.tangents` of the normal in
  /// double precision).
  public var force: Float3

  /// Size of the force (N).
  public var magnitude: Double { force.vector.length }

  /// The middle between the two surface points (m, world) and the gap along the normal (m) at poses of the bodies.
  public func place(_ poseA: RigidTransform, _ poseB: RigidTransform) -> (position: Vector3, gap: Double) {
    let a = poseA.apply(localA.vector)
    let b = poseB.apply(localB.vector)
    return (0.5 * (a + b), normal.vector.dot(b - a))
  }
}

extension Simulation {
  /// Appends the contacts of the last substep, whose velocity problem and λ they are read from.
  public func appendContacts(to list: Buffer<ContactForce>) {
    let records = contacts.records.pointer
    let blocks = problem.blocks.pointer
    let lambda = self.lambda.pointer
    guard self.lambda.count == problem.rowCount, forceTime > 0 else { return }
    let scale = 1 / forceTime
    list.reserve(list.count + contacts.records.count)
    // Contacts are the last blocks, in the order of their records.
    var index = problem.blocks.count - contacts.records.count
    for contact in 0..<contacts.records.count {
      let record = records + contact
      let first = Int(blocks[index].firstRow)
      let hasFriction = blocks[index].rowCount >= 3
      index += 1
      let impulse = Vector3(lambda[first], hasFriction ? lambda[first + 1] : 0, hasFriction ? lambda[first + 2] : 0)
      list.appendReserved(
        ContactForce(
          bodyA: record.pointee.bodyA, bodyB: record.pointee.bodyB, normal: Float3(record.pointee.normal),
          localA: Float3(record.pointee.localA), localB: Float3(record.pointee.localB), force: Float3(scale * impulse)))
    }
  }
}
