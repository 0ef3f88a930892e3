import LinearAlgebra

/// The triangles of a mesh with a bounding volume hierarchy over them. Coordinates in the shape's frame (m).
///
/// The hierarchy is split by the surface-area heuristic over bins (Wald, "On fast Construction of SAH-based Bounding
/// Volume Hierarchies", 2007) and stored in preorder with escape indices: a query runs through the array without a
/// stack and jumps over the subtrees that it misses. Building takes O(n log n).
public final class TriangleTree: @unchecked Sendable {
  /// Corners; those at the same place are one.
  public let vertices: Buffer<Vector3>
  /// The three corners of every triangle and its surface: the smallest number of the triangles that it forms a plane
  /// polygon with.
  public let triangles: Buffer<SIMD4<Int32>>
  /// Unit normal of every triangle, to its front; zero for one without an area, which never collides.
  public let normals: Buffer<Vector3>
  /// Which edges and corners of every triangle stick out.
  let ridges: Buffer<RidgeFlags>
  /// Triangles by the leaves' order.
  let order: Buffer<Int32>
  let nodes: Buffer<Node>

  /// A box and what is in it.
  struct Node: BitwiseCopyable {
    var box: BoundingBox
    /// First triangle in `order` and how many; none for an inner node.
    var first: Int32
    var count: Int32
    /// Node after the subtree.
    var escape: Int32
  }

  /// A tree over triangles whose corner numbers are valid.
  init(vertices points: [Vector3], triangles corners: [SIMD3<Int32>]) {
    vertices = Buffer(points)
    triangles = Buffer(capacity: corners.count)
    normals = Buffer(capacity: corners.count)
    let welded = Self.weld(points)
    order = Buffer(capacity: corners.count)
    nodes = Buffer(capacity: corners.count)
    for (index, triangle) in corners.enumerated() {
      let a = welded[Int(triangle.x)]
      let b = welded[Int(triangle.y)]
      let c = welded[Int(triangle.z)]
      triangles.append(SIMD4(a, b, c, Int32(index)))
      let p = points[Int(a)]
      let normal = (points[Int(b)] - p).cross(points[Int(c)] - p).normalized()
      normals.append(normal)
      if normal != .zero { order.append(Int32(index)) }
    }
    ridges = TriangleAdjacency.find(vertices: vertices, triangles: triangles, normals: normals)
    if order.count > 0 {
      var builder = TriangleTreeBuilder(self)
      builder.build()
    }
  }

  /// Whether no triangle has an area.
  public var isEmpty: Bool { nodes.count == 0 }

  /// Box around all triangles with an area.
  public var bounds: BoundingBox { nodes.count > 0 ? nodes[0].box : BoundingBox(lower: .zero, upper: .zero) }

  /// Corners of a triangle (m).
  @inline(__always)
  public func corners(of triangle: Int) -> (Vector3, Vector3, Vector3) {
    let t = triangles.pointer[triangle]
    let points = vertices.pointer
    return (points[Int(t.x)], points[Int(t.y)], points[Int(t.z)])
  }

  /// Box around a triangle.
  @inline(__always)
  public func bounds(of triangle: Int) -> BoundingBox {
    let (a, b, c) = corners(of: triangle)
    return BoundingBox(lower: a.minimum(b).minimum(c), upper: a.maximum(b).maximum(c))
  }

  /// Whether edge 0 (corners 0, 1), 1 (1, 2) or 2 (2, 0) of a triangle can stop a body that slides over its front, or
  /// its back: a ridge or the border of the mesh, not a flat edge and not a valley.
  public func isRidge(triangle: Int, edge: Int, front: Bool) -> Bool {
    let flags = ridges[triangle]
    return (front ? flags.front : flags.back) & RidgeFlags.edge(edge) != 0
  }

  /// Appends the triangles whose boxes overlap `box` (in the shape's frame) to `result`, in ascending order.
  public func query(_ box: BoundingBox, into result: Buffer<UInt64>) {
    let nodes = self.nodes.pointer
    let order = self.order.pointer
    let end = self.nodes.count
    let start = result.count
    var index = 0
    while index < end {
      let node = nodes[index]
      if !node.box.overlaps(box) {
        index = Int(node.escape)
        continue
      }
      for i in Int(node.first)..<Int(node.first + node.count) where bounds(of: Int(order[i])).overlaps(box) {
        result.append(UInt64(order[i]))
      }
      index += 1
    }
    KeySort.sort(result.pointer + start, count: result.count - start)
  }

  /// The number of the first point at the same place, for every point.
  private static func weld(_ points: [Vector3]) -> [Int32] {
    let order = points.indices.sorted { i, j in
      let (a, b) = (points[i], points[j])
      return a.x != b.x ? a.x < b.x : a.y != b.y ? a.y < b.y : a.z != b.z ? a.z < b.z : i < j
    }
    var first = [Int32](repeating: 0, count: points.count)
    for (position, index) in order.enumerated() {
      let same = position > 0 && points[order[position - 1]] == points[index]
      first[index] = same ? first[order[position - 1]] : Int32(index)
    }
    return first
  }
}

/// Splits triangles into nodes.
private struct TriangleTreeBuilder {
  private let tree: TriangleTree
  private let centers: Buffer<Vector3>
  private static let leafSize = 4
  private static let binCount = 16
  /// Below this depth nodes are halved by number: hostile coordinates must not make the tree deep.
  private static let heuristicDepth = 40

  init(_ tree: TriangleTree) {
    self.tree = tree
    centers = Buffer(capacity: tree.triangles.count)
    for index in 0..<tree.triangles.count { centers.append(tree.bounds(of: index).center) }
  }

  mutating func build() { split(0, tree.order.count, depth: 0) }

  private mutating func split(_ begin: Int, _ end: Int, depth: Int) {
    let order = tree.order.pointer
    var box = BoundingBox.empty
    var centerBox = BoundingBox.empty
    for i in begin..<end {
      box = box.union(tree.bounds(of: Int(order[i])))
      centerBox = centerBox.union(centers.pointer[Int(order[i])])
    }
    let index = tree.nodes.count
    let isLeaf = end - begin <= Self.leafSize
    tree.nodes.append(
      TriangleTree.Node(box: box, first: Int32(begin), count: isLeaf ? Int32(end - begin) : 0, escape: 0))
    if !isLeaf {
      let middle = depth < Self.heuristicDepth ? partition(begin, end, centerBox) : nil
      let cut = middle ?? (begin + end) / 2
      split(begin, cut, depth: depth + 1)
      split(cut, end, depth: depth + 1)
    }
    tree.nodes.pointer[index].escape = Int32(tree.nodes.count)
  }

  /// Reorders begin ..< end by the cheapest of the planes between bins along the longest axis; nil where all centres
  /// fall into one bin.
  private func partition(_ begin: Int, _ end: Int, _ centerBox: BoundingBox) -> Int? {
    let extent = centerBox.upper - centerBox.lower
    let axis = extent.x >= extent.y && extent.x >= extent.z ? 0 : (extent.y >= extent.z ? 1 : 2)
    guard extent[axis] > 0 else { return nil }
    let order = tree.order.pointer
    let scale = Double(Self.binCount) / extent[axis]
    func bin(_ triangle: Int32) -> Int {
      min(Self.binCount - 1, Int((centers.pointer[Int(triangle)][axis] - centerBox.lower[axis]) * scale))
    }
    var boxes = [BoundingBox](repeating: .empty, count: Self.binCount)
    var counts = [Int](repeating: 0, count: Self.binCount)
    for i in begin..<end {
      let b = bin(order[i])
      boxes[b] = boxes[b].union(tree.bounds(of: Int(order[i])))
      counts[b] += 1
    }
    var rightCosts = [Double](repeating: 0, count: Self.binCount)
    var box = BoundingBox.empty
    var count = 0
    for b in (1..<Self.binCount).reversed() {
      box = box.union(boxes[b])
      count += counts[b]
      rightCosts[b] = count > 0 ? box.halfArea * Double(count) : 0
    }
    var best: (cost: Double, bin: Int)?
    box = .empty
    count = 0
    for b in 1..<Self.binCount {
      box = box.union(boxes[b - 1])
      count += counts[b - 1]
      guard count > 0, count < end - begin else { continue }
      let cost = box.halfArea * Double(count) + rightCosts[b]
      if best == nil || cost < best!.cost { best = (cost, b) }
    }
    guard let best else { return nil }
    // Stable, so that the order of the triangles within a leaf depends on nothing but their numbers.
    let here = UnsafeBufferPointer(start: order + begin, count: end - begin)
    let left = here.filter { bin($0) < best.bin }
    let right = here.filter { bin($0) >= best.bin }
    for (i, triangle) in (left + right).enumerated() { order[begin + i] = triangle }
    return begin + left.count
  }
}
