import Dynamics
import LinearAlgebra
import Testing

@Suite struct DynamicTreeTests {
  private func box(_ random: inout CollisionRandom, _ space: Double) -> BoundingBox {
    let center = random.vector(space)
    return BoundingBox(
      center: center,
      halfExtents: Vector3(random.uniform(0, 1), random.uniform(0, 1), random.uniform(0, 1)))
  }

  /// Random insertions, removals, moves and queries against a plain list.
  @Test func agreesWithBruteForce() {
    var random = CollisionRandom(seed: 42)
    let tree = DynamicTree()
    var boxes: [Int: BoundingBox] = [:]
    var leaves: [Int: Int] = [:]
    let hits = Buffer<Int32>()
    var found = 0
    for round in 0..<20_000 {
      let item = random.index(below: 500)
      switch random.index(below: 4) {
      case 0 where leaves[item] == nil:
        boxes[item] = box(&random, 10)
        leaves[item] = tree.insert(item, boxes[item]!)
      case 1 where leaves[item] != nil:
        tree.remove(leaves[item]!)
        leaves[item] = nil
        boxes[item] = nil
      case 2 where leaves[item] != nil:
        boxes[item] = box(&random, 10)
        tree.move(leaves[item]!, to: boxes[item]!)
        #expect(tree.box(of: leaves[item]!) == boxes[item]!)
      default:
        let query = box(&random, 10)
        hits.removeAll()
        tree.query(query, into: hits)
        let expected = boxes.filter { $0.value.overlaps(query) }.map { Int32($0.key) }.sorted()
        #expect(hits.array.sorted() == expected)
        found += expected.count
      }
      if round % 500 == 0 { #expect(tree.isConsistent) }
      #expect(tree.count == boxes.count)
    }
    #expect(found > 1000)
    for item in leaves.keys.sorted() { tree.remove(leaves[item]!) }
    #expect(tree.count == 0 && tree.isConsistent)
    hits.removeAll()
    tree.query(.infinite, into: hits)
    #expect(hits.count == 0)
  }

  /// Sorted insertion is the worst order for a tree that is not balanced: without rotations the mean depth of 4096
  /// leaves in a row would be near 2000. A perfect tree has 12.
  @Test func staysShallowForSortedInsertion() {
    for axis in 0..<3 {
      let tree = DynamicTree()
      for i in 0..<4096 {
        var center = Vector3.zero
        center[axis] = Double(i)
        _ = tree.insert(i, BoundingBox(center: center, halfExtents: Vector3(0.6, 0.6, 0.6)))
      }
      #expect(tree.isConsistent)
      #expect(tree.meanDepth < 24)
    }
  }

  /// Boxes that are not finite must neither crash nor lose the others.
  @Test func survivesBoxesThatAreNotFinite() {
    let tree = DynamicTree()
    let unit = BoundingBox(lower: .zero, upper: Vector3(1, 1, 1))
    for i in 0..<50 {
      let size = i % 5 == 0 ? Double.infinity : i % 7 == 0 ? .nan : i % 11 == 0 ? 1e300 : 1
      let box = BoundingBox(lower: Vector3(-size, -size, -size), upper: Vector3(size, size, size))
      _ = tree.insert(i, box)
    }
    let hits = Buffer<Int32>()
    tree.query(unit, into: hits)
    #expect(tree.count == 50)
  }
}
