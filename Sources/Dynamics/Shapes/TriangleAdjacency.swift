import LinearAlgebra

/// Which edges and corners of a triangle can be touched from outside its face, seen from its front and from its back.
///
/// A body that slides over a mesh must not stumble on the edges between triangles. The neighbour covers an edge that is
/// flat or forms a valley; only a ridge, or the border of the mesh, can stop a body. Seen from the back ridges are
/// valleys.
struct RidgeFlags: BitwiseCopyable {
  /// Edges 0 (corners 0, 1), 1 (1, 2), 2 (2, 0) in bits 0 … 2, corners in bits 3 … 5.
  var front: UInt8 = 0
  var back: UInt8 = 0

  static func edge(_ index: Int) -> UInt8 { 1 << UInt8(index) }
  static func corner(_ index: Int) -> UInt8 { 8 << UInt8(index) }
}

/// Finds neighbours, ridges and plane polygons of a triangle mesh.
enum TriangleAdjacency {
  /// Bends up to 5° count as flat: tessellated round surfaces roll smoothly.
  private static let flatCosine = 0.9961946980917455
  /// Triangles of one plane polygon: normals within 0.08°, corners within this of the size off the plane.
  private static let planeTolerance = 1e-6

  private struct Side {
    var low: Int32
    var high: Int32
    var triangle: Int32
    var edge: Int8
    var isForward: Bool
  }

  /// Ridges of every triangle; sets the fourth entry of `triangles` to the plane polygon's number.
  static func find(
    vertices: Buffer<Vector3>, triangles: Buffer<SIMD4<Int32>>, normals: Buffer<Vector3>
  ) -> Buffer<RidgeFlags> {
    let flags = Buffer(repeating: RidgeFlags(), count: triangles.count)
    let neighbours = Buffer(repeating: SIMD4<Int32>(repeating: -1), count: triangles.count)
    let cornerFlags = Buffer(repeating: RidgeFlags(), count: vertices.count)
    let sides = sortedSides(triangles, normals)
    var begin = 0
    while begin < sides.count {
      var end = begin + 1
      while end < sides.count && sides[end].low == sides[begin].low && sides[end].high == sides[begin].high { end += 1 }
      let isPair = end - begin == 2
      if isPair {
        neighbours.pointer[Int(sides[begin].triangle)][Int(sides[begin].edge)] = sides[begin + 1].triangle
        neighbours.pointer[Int(sides[begin + 1].triangle)][Int(sides[begin + 1].edge)] = sides[begin].triangle
      }
      // The border, and where three or more triangles meet, is a ridge from everywhere.
      let ridge =
        isPair ? self.ridge(sides[begin], sides[begin + 1], vertices, triangles, normals) : (front: true, back: true)
      for i in begin..<end {
        let side = sides[i]
        let isFlipped = i > begin && isPair && side.isForward == sides[begin].isForward
        let bit = RidgeFlags.edge(Int(side.edge))
        if isFlipped ? ridge.back : ridge.front { flags.pointer[Int(side.triangle)].front |= bit }
        if isFlipped ? ridge.front : ridge.back { flags.pointer[Int(side.triangle)].back |= bit }
        for vertex in [side.low, side.high] {
          if ridge.front || isFlipped && ridge.back { cornerFlags.pointer[Int(vertex)].front = 1 }
          if ridge.back || isFlipped && ridge.front { cornerFlags.pointer[Int(vertex)].back = 1 }
        }
      }
      begin = end
    }
    for index in 0..<triangles.count {
      for corner in 0..<3 {
        let around = cornerFlags[Int(triangles[index][corner])]
        if around.front != 0 { flags.pointer[index].front |= RidgeFlags.corner(corner) }
        if around.back != 0 { flags.pointer[index].back |= RidgeFlags.corner(corner) }
      }
    }
    findSurfaces(vertices, triangles, normals, neighbours)
    return flags
  }

  private static func sortedSides(_ triangles: Buffer<SIMD4<Int32>>, _ normals: Buffer<Vector3>) -> [Side] {
    var sides: [Side] = []
    sides.reserveCapacity(3 * triangles.count)
    for index in 0..<triangles.count where normals[index] != .zero {
      let triangle = triangles[index]
      for edge in 0..<3 {
        let from = triangle[edge]
        let to = triangle[(edge + 1) % 3]
        sides.append(
          Side(
            low: min(from, to), high: max(from, to), triangle: Int32(index), edge: Int8(edge), isForward: from < to))
      }
    }
    sides.sort { ($0.low, $0.high, $0.triangle) < ($1.low, $1.high, $1.triangle) }
    return sides
  }

  /// Whether the edge between two triangles is a ridge, seen from the first one's front and back.
  private static func ridge(
    _ a: Side, _ b: Side, _ vertices: Buffer<Vector3>, _ triangles: Buffer<SIMD4<Int32>>, _ normals: Buffer<Vector3>
  ) -> (front: Bool, back: Bool) {
    let normalA = normals[Int(a.triangle)]
    // Triangles of one winding run through their common edge in opposite directions.
    let normalB = a.isForward == b.isForward ? -normals[Int(b.triangle)] : normals[Int(b.triangle)]
    let cosine = normalA.dot(normalB)
    if cosine >= flatCosine { return (false, false) }
    if cosine < -0.999999 { return (true, true) }
    let opposite = triangles[Int(b.triangle)][(Int(b.edge) + 2) % 3]
    let height = (vertices[Int(opposite)] - vertices[Int(a.low)]).dot(normalA)
    return (height < 0, height > 0)
  }

  /// Joins triangles across edges as long as they lie in the plane of the first one.
  private static func findSurfaces(
    _ vertices: Buffer<Vector3>, _ triangles: Buffer<SIMD4<Int32>>, _ normals: Buffer<Vector3>,
    _ neighbours: Buffer<SIMD4<Int32>>
  ) {
    let isDone = Buffer(repeating: false, count: triangles.count)
    var queue: [Int] = []
    for seed in 0..<triangles.count where !isDone[seed] && normals[seed] != .zero {
      let normal = normals[seed]
      let origin = vertices[Int(triangles[seed].x)]
      isDone.pointer[seed] = true
      queue = [seed]
      while let triangle = queue.popLast() {
        triangles.pointer[triangle].w = Int32(seed)
        for edge in 0..<3 {
          let next = Int(neighbours[triangle][edge])
          guard next >= 0, !isDone[next], normals[next].dot(normal) > 1 - planeTolerance else { continue }
          let isFlat = (0..<3).allSatisfy { corner in
            let offset = vertices[Int(triangles[next][corner])] - origin
            return offset.dot(normal).magnitude <= planeTolerance * offset.length
          }
          guard isFlat else { continue }
          isDone.pointer[next] = true
          queue.append(next)
        }
      }
    }
  }
}
