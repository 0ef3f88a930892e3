import Dynamics
import LinearAlgebra

/// Who is on stage: what of the bodies and joints does not change from step to step.
package final class Cast: Sendable {
  /// Tells casts apart.
  let revision: Int
  /// Name, kind and shape of every body.
  package let names: [String]
  let kinds: [BodyKind]
  let shapes: [(any Shape)?]
  /// Centre of mass of every body in the frame of its shape (m).
  let centers: [Vector3]
  /// Mass of every body (kg), 0 for one of infinite mass.
  let masses: [Double]
  /// Name of every joint.
  let jointNames: [String]

  init(_ world: World, revision: Int) {
    self.revision = revision
    names = world.names
    kinds = world.kinds
    shapes = world.shapes
    centers = (0..<world.bodyCount).map { world.masses[$0].centerOfMass }
    masses = (0..<world.bodyCount).map { world.masses[$0].mass }
    jointNames = world.jointNames
  }
}
