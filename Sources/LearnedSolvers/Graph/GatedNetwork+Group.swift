import LinearAlgebra

/// A layer of the network for eight blocks side by side.
///
/// What is measured of the rows and what moves them is double precision, four blocks in a vector; the network between is
/// single precision, eight in a vector. All sums of a block are in the order of its rows, so they have the same bits in
/// every group and lane.
extension GatedNetwork {
  /// λ ← λ + gates ∘ (g, m) of a group's blocks; `inverse` is 1/s.
  func step(_ groups: BlockGroups, _ group: Int, _ layer: EightfoldNetwork, _ inverse: Double) {
    let slots = groups.groups.pointer[group]
    measure(groups, slots, inverse)
    complete(groups.traits.pointer + group * BlockGroups.traitCount)
    layer.evaluate(inputs.pointer, into: outputs.pointer)
    for output in 0..<Self.outputCount { outputs.pointer[output] = SafeOutput.finite(outputs.pointer[output]) }
    move(groups, slots)
  }

  /// ‖g‖², ‖m‖², g·m and ‖λ̂‖² of both channels, and the sign of the first row.
  private func measure(_ groups: BlockGroups, _ slots: BlockGroups.Slots, _ inverse: Double) {
    let w = self.w.pointer
    let lambda = self.impulses.pointer
    let inputs = UnsafeMutableRawPointer(self.inputs.pointer).assumingMemoryBound(to: SIMD4<Float>.self)
    let rows = groups.rows.pointer
    for half in 0..<2 {
      let x = inputs + half
      @inline(__always)
      func channel(_ index: Int, _ start: Int, _ end: Int) {
        var gg = SIMD4<Double>.zero
        var mm = SIMD4<Double>.zero
        var gm = SIMD4<Double>.zero
        var ll = SIMD4<Double>.zero
        var row = rows + (2 * start + half)
        while row < rows + 2 * end {
          let u = Self.gather(w, row.pointee.index)
          let now = Self.gather(lambda, row.pointee.index)
          row.pointee.velocity = u
          row.pointee.lambda = now
          let h = row.pointee.scale * u * inverse  // −g
          let l = now * row.pointee.inverseScale
          let m = l - row.pointee.before * row.pointee.inverseScale
          gg += h * h
          mm += m * m
          gm -= h * m
          ll += l * l
          row += 2
        }
        x[2 * index] = SIMD4<Float>(gg)
        x[2 * (2 + index)] = SIMD4<Float>(mm)
        x[2 * (4 + index)] = SIMD4<Float>(gm)
        x[2 * (6 + index)] = SIMD4<Float>(ll)
      }
      channel(0, slots.start, slots.split)
      channel(1, slots.split, slots.end)
      let first = rows + (2 * slots.start + half)
      var sign = SIMD4<Double>(repeating: -1)
      sign.replace(with: 1, where: first.pointee.velocity .< 0)
      sign.replace(with: 0, where: first.pointee.scale .<= 0)
      x[2 * 8] = SIMD4<Float>(sign)
    }
  }

  /// The inputs of eight blocks from what was measured, and their traits.
  private func complete(_ traits: UnsafePointer<SIMD8<Float>>) {
    let x = inputs.pointer
    for channel in 0..<2 {
      let g = Self.bounded(x[channel]).squareRoot()
      let m = Self.bounded(x[2 + channel]).squareRoot()
      let l = Self.bounded(x[6 + channel]).squareRoot()
      x[channel] = g / (1 + g)
      x[2 + channel] = m / (1 + m)
      x[4 + channel] = Self.cosine(x[4 + channel], g * m)
      x[6 + channel] = l / (1 + l)
    }
    // A contact's normal is no plane: its sign says whether the bodies approach or part.
    x[8] *= traits[0] * x[0]
    for trait in 0..<BlockGroups.traitCount { x[9 + trait] = traits[trait] }
  }

  /// λ ← λ + gates ∘ (g, m). What is not finite stays as it was.
  private func move(_ groups: BlockGroups, _ slots: BlockGroups.Slots) {
    let lambda = self.impulses.pointer
    let outputs = UnsafeRawPointer(self.outputs.pointer).assumingMemoryBound(to: SIMD4<Float>.self)
    let rows = groups.rows.pointer
    for half in 0..<2 {
      @inline(__always)
      func channel(_ index: Int, _ start: Int, _ end: Int) {
        let alpha = 1 + SafeOutput.softsign(finite: outputs[2 * index + half])
        let beta = SafeOutput.softsign(finite: outputs[2 * (2 + index) + half])
        var row = rows + (2 * start + half)
        while row < rows + 2 * end {
          let rho = row.pointee.scale
          let old = row.pointee.lambda
          let step = beta * (old - row.pointee.before) - alpha * rho * rho * row.pointee.velocity
          var new = old + step
          new.replace(with: old, where: (step - step .!= 0) .| (rho .== 0))
          row.pointee.before = old
          // Stored as a vector too: else the compiler chooses number by number, with branches.
          row.pointee.lambda = new
          Self.scatter(new, lambda, row.pointee.index)
          row += 2
        }
      }
      channel(0, slots.start, slots.split)
      channel(1, slots.split, slots.end)
    }
  }

  @inline(__always)
  static func gather(_ x: UnsafePointer<Double>, _ rows: SIMD4<Int32>) -> SIMD4<Double> {
    SIMD4(
      lowHalf: SIMD2(x[Int(rows[0])], x[Int(rows[1])]), highHalf: SIMD2(x[Int(rows[2])], x[Int(rows[3])]))
  }

  @inline(__always)
  private static func scatter(_ values: SIMD4<Double>, _ x: UnsafeMutablePointer<Double>, _ rows: SIMD4<Int32>) {
    for lane in 0..<4 { x[Int(rows[lane])] = values[lane] }
  }

  /// Squares from here on count as this large, and so do those that are no numbers; such products count as nothing.
  private static let bound: Float = 1e30

  @inline(__always)
  private static func bounded(_ square: SIMD8<Float>) -> SIMD8<Float> {
    SIMD8(repeating: bound).replacing(with: square, where: square .< bound)
  }

  @inline(__always)
  private static func cosine(_ product: SIMD8<Float>, _ length: SIMD8<Float>) -> SIMD8<Float> {
    let one = SIMD8<Float>(repeating: 1)
    var cosine = product / length
    cosine.replace(with: -one, where: cosine .< -one)
    cosine.replace(with: one, where: cosine .> one)
    let isKnown = length .> 1e-30 .& product .< bound .& product .> -bound
    return SIMD8<Float>.zero.replacing(with: cosine, where: isKnown)
  }
}
