/// What can be drawn over the bodies, in the order of the digits.
enum Layer: String, CaseIterable {
  case contacts, normals, forces, cones, joints, boxes, islands, centers, velocities

  var title: String {
    switch self {
    case .contacts: "Contacts"
    case .normals: "Normals"
    case .forces: "Forces"
    case .cones: "Cones"
    case .joints: "Joints"
    case .boxes: "AABBs"
    case .islands: "Islands"
    case .centers: "Centres"
    case .velocities: "Velocities"
    }
  }

  var summary: String {
    switch self {
    case .contacts: "contact points: green sticks, orange slides, grey is open"
    case .normals: "contact normals, from body a to body b"
    case .forces: "contact forces on body b; the largest is as long as a body"
    case .cones: "the edge of the friction cone, in the colour of what the contact does"
    case .joints: "joints by their error: blue where it is below 1 µm, red from 10 mm on"
    case .boxes: "axis-aligned bounding boxes, as the broad phase sees them"
    case .islands: "bodies that constraints link have one colour"
    case .centers: "centres of mass with the body's axes"
    case .velocities: "the way of a tenth of a second"
    }
  }
}
