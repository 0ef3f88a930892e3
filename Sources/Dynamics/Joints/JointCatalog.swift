/// Every joint by name: one line each. Adding a joint adds its file and its line, nothing else.
public enum JointCatalog {
  /// All joint types, in the order of listings.
  public static let all: [any Joint.Type] = [
    BallJoint.self,
    HingeJoint.self,
    SliderJoint.self,
    CylindricalJoint.self,
    UniversalJoint.self,
    FixedJoint.self,
    DistanceJoint.self,
    GearJoint.self,
    PulleyJoint.self,
  ]
}
