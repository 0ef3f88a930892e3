import ConstraintSystem

extension Simulation {
  /// What a block of the last velocity problem belongs to, for people: `joint "hinge"`, `contact 2 of "box3" and "box4"`
  /// (contacts of a pair are counted from 1).
  public func name(ofBlock index: Int) -> String {
    let key = problem.blocks[index].key
    guard key >> 63 != 0 else {
      let joint = Int(key >> 8)
      return joint < world.jointNames.count ? "joint \"\(world.jointNames[joint])\"" : "block \(index)"
    }
    var contact = 0
    for earlier in 0..<index where problem.blocks[earlier].key >> 63 != 0 { contact += 1 }
    guard contact < contacts.records.count else { return "block \(index)" }
    let record = contacts.records[contact]
    var number = 1
    while number <= contact, contacts.records[contact - number].bodyA == record.bodyA,
      contacts.records[contact - number].bodyB == record.bodyB
    { number += 1 }
    let names = world.names
    return "contact \(number) of \"\(names[Int(record.bodyA)])\" and \"\(names[Int(record.bodyB)])\""
  }
}
