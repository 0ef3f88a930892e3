import ConstraintSystem
import LinearAlgebra

/// Islands of a problem: bodies linked by blocks, found by union-find with path halving. Bodies that do not move link
/// nothing.
final class IslandFinder {
  private let parent = Buffer<Int32>()

  /// Numbers the islands in order of their first body and writes them into the problem.
  func find(in problem: ConstraintProblem) {
    let count = problem.bodies.count
    parent.resize(to: count, filling: 0)
    let parent = self.parent.pointer
    for index in 0..<count { parent[index] = Int32(index) }
    let blocks = problem.blocks.pointer
    for index in 0..<problem.blocks.count {
      let a = Int(blocks[index].bodyA)
      let b = Int(blocks[index].bodyB)
      if a < 0 || b < 0 { continue }
      let rootA = Self.root(a, parent)
      let rootB = Self.root(b, parent)
      // The smaller index wins, so that numbering does not depend on the order of blocks.
      if rootA < rootB { parent[rootB] = Int32(rootA) } else { parent[rootA] = Int32(rootB) }
    }
    problem.islandOfBody.resize(to: count, filling: 0)
    let island = problem.islandOfBody.pointer
    var next: Int32 = 0
    for index in 0..<count {
      let root = Self.root(index, parent)
      if root == index {
        island[index] = next
        next += 1
      } else {
        island[index] = island[root]
      }
    }
    problem.islandCount = Int(next)
  }

  @inline(__always)
  private static func root(_ start: Int, _ parent: UnsafeMutablePointer<Int32>) -> Int {
    var index = start
    while Int(parent[index]) != index {
      parent[index] = parent[Int(parent[index])]
      index = Int(parent[index])
    }
    return index
  }
}
