import Dynamics
import Foundation
import Laboratory
import LinearAlgebra
import Testing

@Suite struct LogTests {
  static func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("delassus-\(UUID().uuidString).csv").path
  }

  static func lines(of path: String) throws -> [[String]] {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
  }

  @Test func statesReadBackBitForBit() throws {
    let path = Self.temporaryPath()
    let runner = try Runner(scene: SceneInCode.chain(count: 2, steps: 25))
    let log = StateLog(path: path)
    runner.observers = [log]
    _ = runner.run()
    try log.close()
    let lines = try Self.lines(of: path)
    #expect(lines[0].joined(separator: ",") == "time,body,x,y,z,qw,qx,qy,qz,vx,vy,vz,wx,wy,wz")
    #expect(lines.count == 1 + 2 * 26)
    #expect(lines[1][1] == "body0")
    #expect(
      lines[1].enumerated().filter { $0.offset != 1 }.map { Double($0.element) } == [
        0, 0.5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      ])
    let world = runner.simulation.world
    let last = lines[lines.count - 1]
    #expect(last[1] == "body1")
    #expect(Double(last[0]) == world.time)
    #expect(Double(last[3]) == world.poses[1].position.y)
    #expect(Double(last[5]) == world.poses[1].orientation.w)
    #expect(Double(last[8]) == world.poses[1].orientation.z)
    #expect(Double(last[10]) == world.velocities[1].linear.y)
    #expect(Double(last[14]) == world.velocities[1].angular.z)
    for line in lines { #expect(line.count == 15) }
  }

  /// A body that hangs still below its anchor: the joint carries m g upwards.
  @Test func reactionsAreForcesOnBodyB() throws {
    let path = Self.temporaryPath()
    let scene = try SceneInCode.scene("hanging", steps: 3) { world in
      let body = try world.add(Body(mass: SceneInCode.mass(2)))
      try world.add(BallJoint(nil, body, at: .unitY, in: world), name: "peg")
    }
    let runner = try Runner(scene: scene, solver: "ldl")
    let log = ReactionLog(path: path)
    runner.observers = [log]
    _ = runner.run()
    try log.close()
    let lines = try Self.lines(of: path)
    #expect(lines[0].joined(separator: ",") == "time,joint,fx,fy,fz,tx,ty,tz")
    #expect(lines.count == 4)
    for line in lines.dropFirst() {
      #expect(line[1] == "peg")
      // One division by h and one multiplication by it: a few units in the last place of 19.62.
      #expect((try #require(Double(line[3])) - 2 * 9.81).magnitude < 1e-12)
      #expect((try #require(Double(line[2]))).magnitude < 1e-12)
    }
  }

  @Test func namesAreQuotedWhereTheyMust() throws {
    let path = Self.temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let scene = try SceneInCode.scene("named", steps: 0) { world in
      try world.add(Body(name: "a, \"b\"", mass: SceneInCode.mass(1)))
    }
    let log = StateLog(path: path)
    let runner = try Runner(scene: scene)
    runner.observers = [log]
    _ = runner.run()
    try log.close()
    #expect(try String(contentsOfFile: path, encoding: .utf8).contains("\n0.0,\"a, \"\"b\"\"\",0.0,"))
  }

  @Test(arguments: ["/dev/full", "/no/such/folder/states.csv"])
  func aFileThatCannotBeWrittenIsSaidAtTheEnd(path: String) throws {
    let runner = try Runner(scene: SceneInCode.chain(steps: 30))
    let log = StateLog(path: path)
    runner.observers = [log]
    #expect(runner.run().steps == 30)
    #expect { try log.close() } throws: { error in
      (error as? InputError)?.kind == .cannotWrite && "\(error)".contains(path)
    }
  }
}
