import LinearAlgebra

/// From a global problem to a local one: W = Hᵀ M⁻¹ H and q = Hᵀ M⁻¹ f + w.
///
/// M falls into connected parts (the bodies; a mesh is one part), each factored densely with partial pivoting. A part of
/// n unknowns that k contact rows touch costs 2n³/3 + 2n²k and n² numbers of memory. M may be slightly unsymmetric, as
/// published ones are.
public final class GlobalReduction {
  /// W.
  public private(set) var w: TripletMatrix
  /// q.
  public private(set) var q: [Double]

  private struct Part {
    var unknowns: [Int]
    var factor: DenseLUFactorization
  }

  /// Unknowns of the largest part that is factored: half a gigabyte.
  private static let largestPart = 8192
  /// Entries of W beyond which it is given up.
  private static let mostEntries = 1 << 27

  private let h: TripletMatrix
  private let f: [Double]
  private var parts: [Part] = []

  /// A problem that cannot be reduced: what is wrong with its M or H.
  struct Failure: Error {
    var place: String
    var message: String
  }

  /// Reduces M, H, f and w, whose sizes fit and whose numbers are finite.
  init(m: TripletMatrix, h: TripletMatrix, f: [Double], w offset: [Double]) throws {
    self.h = h
    self.f = f
    w = TripletMatrix(rows: h.columns, columns: h.columns, entries: [])
    q = []
    let partOfUnknown = try factor(m)
    try multiply(partOfUnknown)
    q = h.transposedTimes(solve(f))
    for row in 0..<q.count { q[row] += offset[row] }
    guard q.allSatisfy(\.isFinite), w.entries.allSatisfy({ $0.value.isFinite }) else {
      throw Failure(place: "M", message: "is singular in double precision: Hᵀ M⁻¹ H is not finite")
    }
  }

  /// v = M⁻¹ (H r + f).
  public func velocity(_ r: [Double]) -> [Double] {
    var force = h.times(r)
    for row in 0..<force.count { force[row] += f[row] }
    return solve(force)
  }

  private func solve(_ force: [Double]) -> [Double] {
    var result = force
    for part in parts {
      var x = part.unknowns.map { force[$0] }
      x.withUnsafeMutableBufferPointer { part.factor.solve($0.baseAddress!) }
      for (index, unknown) in part.unknowns.enumerated() { result[unknown] = x[index] }
    }
    return result
  }

  /// Factors M part by part; gives the part and the place in it of every unknown.
  private func factor(_ m: TripletMatrix) throws -> [(part: Int, place: Int)] {
    // Union by the smaller index, so that parts are numbered in the order of their first unknowns.
    var parent = Array(0..<m.rows)
    func root(_ unknown: Int) -> Int {
      var node = unknown
      while parent[node] != node {
        parent[node] = parent[parent[node]]
        node = parent[node]
      }
      return node
    }
    for entry in m.entries where entry.value != 0 {
      let a = root(entry.row)
      let b = root(entry.column)
      if a != b { parent[max(a, b)] = min(a, b) }
    }
    var places = [(part: Int, place: Int)](repeating: (0, 0), count: m.rows)
    var unknowns: [[Int]] = []
    for unknown in 0..<m.rows {
      let first = root(unknown)
      if first == unknown { unknowns.append([]) }
      let part = first == unknown ? unknowns.count - 1 : places[first].part
      places[unknown] = (part, unknowns[part].count)
      unknowns[part].append(unknown)
    }
    for list in unknowns {
      guard list.count <= Self.largestPart else {
        throw Failure(
          place: "M", message: "couples \(list.count) unknowns; a part of at most \(Self.largestPart) can be factored")
      }
      let factor = DenseLUFactorization()
      factor.matrix.resize(rows: list.count, columns: list.count)
      factor.matrix.pointer.update(repeating: 0, count: list.count * list.count)
      parts.append(Part(unknowns: list, factor: factor))
    }
    for entry in m.entries where entry.value != 0 {
      let row = places[entry.row]
      parts[row.part].factor.matrix[row.place, places[entry.column].place] += entry.value
    }
    for part in parts {
      if case .singular(let row) = part.factor.factor() {
        throw Failure(place: "M", message: "is singular at row \(part.unknowns[row])")
      }
    }
    return places
  }

  /// W ← Hᵀ M⁻¹ H, the parts' contributions one after the other.
  private func multiply(_ places: [(part: Int, place: Int)]) throws {
    var columnsOfPart = [[Int]](repeating: [], count: parts.count)
    var entriesOfPart = [[BlockRowMatrix.Entry]](repeating: [], count: parts.count)
    for entry in h.entries where entry.value != 0 { entriesOfPart[places[entry.row].part].append(entry) }
    var total = 0
    for index in parts.indices {
      columnsOfPart[index] = Array(Set(entriesOfPart[index].map(\.column))).sorted()
      total += columnsOfPart[index].count * columnsOfPart[index].count
    }
    guard total <= Self.mostEntries else {
      throw Failure(place: "H", message: "couples so many contacts that W has \(total) entries")
    }
    w.entries.reserveCapacity(total)
    for (index, part) in parts.enumerated() {
      let columns = columnsOfPart[index]
      guard !columns.isEmpty else { continue }
      let size = part.unknowns.count
      var placeOfColumn: [Int: Int] = [:]
      for (place, column) in columns.enumerated() { placeOfColumn[column] = place }
      var solved = [Double](repeating: 0, count: size * columns.count)
      for entry in entriesOfPart[index] {
        solved[placeOfColumn[entry.column]! * size + places[entry.row].place] += entry.value
      }
      solved.withUnsafeMutableBufferPointer { buffer in
        for column in columns.indices { part.factor.solve(buffer.baseAddress! + column * size) }
      }
      var product = [Double](repeating: 0, count: columns.count * columns.count)
      for entry in entriesOfPart[index] {
        let row = placeOfColumn[entry.column]!
        let place = places[entry.row].place
        for column in columns.indices {
          product[row * columns.count + column] += entry.value * solved[column * size + place]
        }
      }
      for row in columns.indices {
        for column in columns.indices where product[row * columns.count + column] != 0 {
          w.entries.append(
            BlockRowMatrix.Entry(
              row: columns[row], column: columns[column], value: product[row * columns.count + column]))
        }
      }
    }
    w = w.sorted()
  }
}
