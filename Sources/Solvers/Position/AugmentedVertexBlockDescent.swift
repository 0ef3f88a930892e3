import ConstraintSystem
import LinearAlgebra

/// Augmented vertex block descent: implicit Euler as a minimisation over positions, one body at a time, hard constraints
/// by an augmented Lagrangian (Giles, Diaz, Yuksel, "Augmented Vertex Block Descent", ACM TOG 44, 2025; equations below
/// are theirs).
///
/// With forces f_c of the rows, penalties k_c (N/m) and the inertial displacement Δ̃ = h v*, for one body after the other
/// (eqs. 4–6, 13, 17; our λ pushes along +J):
///
///     f_c = P_K(λ_c − k_c C_c(Δ)),   H = M/h² + Σ k_c J_cᵀ J_c + |f_c| diag(‖∂²C_c/∂Δ² columns‖)
///     Δ += H⁻¹ (Σ J_cᵀ f_c − M/h² (Δ − Δ̃))
///
/// and after every pass over the bodies, for all rows (eqs. 11, 16):
///
///     λ_c ← P_K(λ_c − k_c C_c),   k_c ← min(k_max, k_c + β |C_c|)  where the force is inside its bounds.
///
/// A row of compliance σ has no λ and k_c ≤ 1/(σ h²), its stiffness. The second derivative of a joint's row is that of a
/// point on an arm (`curvature`); contacts have none. Rows of errors that were there before are eased in: C − α C(x⁻)
/// (eq. 18), or with post-stabilisation C − C(x⁻) in all iterations and C in one more, which moves positions and no
/// velocities. Warm start: k ← γ k, λ kept (times αγ without post-stabilisation, eq. 19). Bodies start from Δ = h v, plus
/// the part of the external acceleration that they had last step (VBD's adaptive start).
///
/// Friction: tangents are shortened to the disk of the last λ_n. Bodies go from the last to the first, as in the authors'
/// demonstration. Units matter: β is N/m² and k starts at 1 N/m, so light scenes are stiff at once and heavy ones take
/// tens of steps to stiffen.
///
/// Cost of an iteration: each joint is evaluated three times (once a body, once for λ), and a 6×6 solve a body. Linear
/// convergence; dissipative like implicit Euler.
final class AugmentedVertexBlockDescent: PositionSolver, StatefulSolver {
  static let descriptor = SolverDescriptor(
    name: "avbd", summary: "augmented vertex block descent: 6×6 solves body by body, augmented Lagrangian",
    groups: ["position"], slots: [], sets: ["free", "box", "cone"], laws: [.coulomb],
    reference: "Giles, Diaz, Yuksel 2025",
    options: [
      OptionDescriptor("beta", "growth of penalties (N/m²), default 1e5"),
      OptionDescriptor("gamma", "part of a penalty that a step keeps, 0 … 1, default 0.99"),
      OptionDescriptor("alpha", "part of an old error that is left, without post-stabilisation, 0 … 1, default 0.99"),
      OptionDescriptor("post-stabilization", "one more iteration that undoes old errors: on (default), off"),
      OptionDescriptor("substeps", "parts of a substep, default 1"),
    ], isApproximate: true
  ) { options in
    AugmentedVertexBlockDescent(
      beta: try options.number("beta", in: 0...1e15) ?? 1e5, gamma: try options.number("gamma", in: 0...1) ?? 0.99,
      alpha: try options.number("alpha", in: 0...1) ?? 0.99,
      postStabilizes: try options.toggle("post-stabilization") ?? true,
      substeps: try options.integer("substeps", in: 1...10_000) ?? 1)
  }

  /// Iterations of a step unless the stop rule says otherwise, the one of post-stabilisation apart.
  static let defaultIterations = 10
  /// Bounds of the penalties (N/m; N·m/rad).
  static let smallestPenalty = 1.0
  static let largestPenalty = 1e9

  let stepping: Stepping
  let settlesContacts = false
  var errorShare: Double { postStabilizes ? 0 : 1 - alpha }

  private let beta: Double
  private let gamma: Double
  private let alpha: Double
  private let postStabilizes: Bool
  private let frozen = LinearPositionModel()
  /// k of the last step by key.
  private let memory = ImpulseHistory()
  private let penalty = Buffer<Double>()
  /// 1/(σ h²) of every row, infinite where it is rigid.
  private let stiffness = Buffer<Double>()
  private let inertial = Buffer<Vector6>()
  private let lastVelocity = Buffer<Vector6>()
  private let unitOfBlock = Buffer<Int32>()
  /// Blocks of every body, as 2 · block + side; those of body i from `firstOfBody[i]`.
  private let firstOfBody = Buffer<Int32>()
  private let blocksOfBody = Buffer<Int32>()

  init(beta: Double, gamma: Double, alpha: Double, postStabilizes: Bool, substeps: Int) {
    self.beta = beta
    self.gamma = gamma
    self.alpha = alpha
    self.postStabilizes = postStabilizes
    stepping = .position(substeps: substeps)
  }

  func supports(_ problem: ConstraintProblem) -> Bool { problem.hasBodiesUnderCoulomb }

  func solve(
    _ problem: ConstraintProblem, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    frozen.begin(problem)
    project(frozen, lambda: lambda, stop: stop, report: &report)
  }

  func project(
    _ model: any PositionModel, lambda: UnsafeMutablePointer<Double>, stop: StopRule, report: inout SolveReport
  ) {
    let problem = model.problem
    let h = problem.timestep
    let limit = stop.iterations ?? Self.defaultIterations
    let deadline = stop.timeLimit.map { Clock.now() + $0 }
    listBlocks(model, problem)
    startRows(problem, lambda)
    startBodies(model, problem)
    report.reason = .iterationLimit
    var iteration = 0
    let kept = postStabilizes ? 1 : alpha
    while iteration < limit {
      if let deadline, Clock.now() >= deadline {
        report.reason = .timeLimit
        break
      }
      moveBodies(model, problem, lambda, kept: kept)
      updateMultipliers(model, problem, lambda, kept: kept)
      iteration += 1
    }
    if postStabilizes && limit > 0 {
      model.takeVelocities()
      moveBodies(model, problem, lambda, kept: 0)
      iteration += 1
    }
    memory.record(problem, lambda: penalty.pointer)
    for row in 0..<problem.rowCount { lambda[row] *= h }
    report.iterations += iteration
    report.constraintPasses += 2 * iteration
    report.flops += Double(iteration) * (Double(problem.rowCount) * 400 + Double(problem.bodies.count) * 200)
  }

  /// Penalties and velocities of the last step.
  func save(to archive: inout StateArchive) {
    memory.save(to: &archive, as: "penalty")
    archive.add("avbd velocities", lastVelocity)
  }

  func restore(_ archive: StateArchive) throws {
    memory.removeAll()
    lastVelocity.removeAll()
    guard archive.sections.contains(where: { $0.name == "avbd velocities" }) else { return }
    try memory.restore(archive, as: "penalty")
    try archive.read("avbd velocities", into: lastVelocity, filling: .zero)
  }

  /// Which blocks act on which body, and which unit a block belongs to.
  private func listBlocks(_ model: any PositionModel, _ problem: ConstraintProblem) {
    let blocks = problem.blocks.pointer
    let count = problem.blocks.count
    let bodies = problem.bodies.count
    unitOfBlock.resize(to: count, filling: -1)
    unitOfBlock.fill(-1)
    for unit in 0..<model.unitCount {
      for block in model.unitBlocks.pointer[unit]..<model.unitBlocks.pointer[unit + 1] {
        unitOfBlock.pointer[Int(block)] = Int32(unit)
      }
    }
    firstOfBody.resize(to: bodies + 2, filling: 0)
    firstOfBody.fill(0)
    let first = firstOfBody.pointer
    // Counts two places up, so that filling moves every start to where it belongs.
    for index in 0..<count {
      if blocks[index].bodyA >= 0 { first[Int(blocks[index].bodyA) + 2] += 1 }
      if blocks[index].bodyB >= 0 { first[Int(blocks[index].bodyB) + 2] += 1 }
    }
    for body in 2..<max(2, bodies + 2) { first[body] += first[body - 1] }
    blocksOfBody.resize(to: 2 * count, filling: 0)
    for index in 0..<count {
      let a = Int(blocks[index].bodyA)
      let b = Int(blocks[index].bodyB)
      if a >= 0 {
        blocksOfBody.pointer[Int(first[a + 1])] = Int32(2 * index)
        first[a + 1] += 1
      }
      if b >= 0 {
        blocksOfBody.pointer[Int(first[b + 1])] = Int32(2 * index + 1)
        first[b + 1] += 1
      }
    }
  }

  /// Penalties and multipliers of the last step (eq. 19); `lambda` turns from impulses into forces (N).
  private func startRows(_ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>) {
    let h = problem.timestep
    let rows = problem.rowCount
    penalty.resize(to: rows, filling: 0)
    stiffness.resize(to: rows, filling: 0)
    memory.fillLatest(penalty.pointer, for: problem)
    let share = (postStabilizes ? 1 : alpha * gamma) / h
    for row in 0..<rows {
      let sigma = problem.compliance.pointer[row]
      let hardness = sigma > 0 ? 1 / (sigma * h * h) : Double.infinity
      stiffness.pointer[row] = hardness
      penalty.pointer[row] = min(
        min(max(gamma * penalty.pointer[row], Self.smallestPenalty), Self.largestPenalty), hardness)
      lambda[row] = sigma > 0 ? 0 : share * lambda[row]
    }
  }

  /// Δ̃, and where the bodies start.
  private func startBodies(_ model: any PositionModel, _ problem: ConstraintProblem) {
    let h = problem.timestep
    let bodies = problem.bodies.count
    inertial.resize(to: bodies, filling: .zero)
    if lastVelocity.count != bodies { lastVelocity.assign(model.startVelocity) }
    for body in 0..<bodies {
      let now = model.startVelocity.pointer[body]
      let free = problem.freeVelocity.pointer[body]
      inertial.pointer[body] = h * free
      // The part of the external acceleration that the body's own was, last step.
      let change = free.linear - now.linear
      let squared = change.lengthSquared
      let had = (now.linear - lastVelocity.pointer[body].linear).dot(change)
      let weight = squared > 0 ? min(max(had / squared, 0), 1) : 0
      model.displacement.pointer[body] = Vector6(
        linear: h * (now.linear + weight * change), angular: h * free.angular)
      lastVelocity.pointer[body] = now
    }
  }

  /// The primal pass: every body to the minimum of its own energy.
  private func moveBodies(
    _ model: any PositionModel, _ problem: ConstraintProblem, _ lambda: UnsafePointer<Double>, kept: Double
  ) {
    let list = problem.blocks.pointer
    let jacobian = problem.jacobian.pointer
    let displacement = model.displacement.pointer
    let first = firstOfBody.pointer
    let entries = blocksOfBody.pointer
    let units = unitOfBlock.pointer
    let inverseSquare = 1 / (problem.timestep * problem.timestep)
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 54) { scratch in
      let system = BodySystem(matrix: scratch.baseAddress!, side: scratch.baseAddress! + 36)
      let error = scratch.baseAddress! + 42
      let force = error + 6
      var body = problem.bodies.count - 1
      while body >= 0 {
        system.begin(
          problem.bodies.pointer[body], displacement[body] - inertial.pointer[body], inverseSquare: inverseSquare)
        var evaluated: Int32 = -1
        for entry in Int(first[body])..<Int(first[body + 1]) {
          let index = Int(entries[entry] >> 1)
          let isB = entries[entry] & 1 == 1
          let block = list[index]
          let unit = units[index]
          if unit >= 0 && unit != evaluated {
            model.evaluate(unit: Int(unit))
            evaluated = unit
          }
          violations(model, block, jacobian, displacement, kept, into: error)
          forces(problem, block, lambda, error, into: force)
          let start = Int(block.firstRow)
          for row in 0..<Int(block.rowCount) {
            let half = isB ? jacobian[start + row].b : jacobian[start + row].a
            system.add(half, force: force[row], penalty: penalty.pointer[start + row])
            if unit >= 0 && half.linear != .zero {
              let arms = model.arms.pointer[Int(unit)]
              system.addStiffness(force[row].magnitude * Self.curvature(half.linear, isB ? arms.b : arms.a))
            }
          }
        }
        displacement[body] += system.solve()
        body -= 1
      }
    }
  }

  /// The dual pass: λ and k of every row.
  private func updateMultipliers(
    _ model: any PositionModel, _ problem: ConstraintProblem, _ lambda: UnsafeMutablePointer<Double>, kept: Double
  ) {
    let list = problem.blocks.pointer
    let penalty = self.penalty.pointer
    let stiffness = self.stiffness.pointer
    for unit in 0..<model.unitCount { model.evaluate(unit: unit) }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 12) { scratch in
      let error = scratch.baseAddress!
      let force = error + 6
      for index in 0..<problem.blocks.count {
        let block = list[index]
        let first = Int(block.firstRow)
        violations(model, block, problem.jacobian.pointer, model.displacement.pointer, kept, into: error)
        if block.set == .cone {
          // The tangents' bounds are those of the normal force just found, so that λ ends in its set.
          lambda[first] = max((stiffness[first] < .infinity ? 0 : lambda[first]) - penalty[first] * error[0], 0)
        }
        let inside = forces(problem, block, lambda, error, into: force)
        if block.set == .cone { force[0] = lambda[first] }
        if block.set == .cone { level(block, error) }
        for row in 0..<Int(block.rowCount) {
          let now = first + row
          let isSoft = stiffness[now] < .infinity
          // A soft row's force is read off its error; it is written for the report alone and forgotten.
          lambda[now] = force[row]
          let grows = block.set == .cone && row == 0 ? lambda[first] > 0 : inside & (1 << UInt8(row)) != 0
          if grows {
            penalty[now] = min(
              penalty[now] + beta * error[row].magnitude, min(Self.largestPenalty, isSoft ? stiffness[now] : .infinity))
          }
        }
      }
    }
  }

  /// Both rows of a disk get the length of their error: their penalties stay the same, and friction points against the
  /// slip.
  @inline(__always)
  private func level(_ block: ConstraintBlock, _ error: UnsafeMutablePointer<Double>) {
    let rows = Int(block.rowCount)
    let slip = (error[1] * error[1] + error[2] * error[2]).squareRoot()
    error[1] = slip
    error[2] = slip
    if block.hasRollingRows {
      let roll = (error[rows - 2] * error[rows - 2] + error[rows - 1] * error[rows - 1]).squareRoot()
      error[rows - 2] = roll
      error[rows - 1] = roll
    }
  }

  /// C − kept · C(x⁻) of a block's rows.
  @inline(__always)
  private func violations(
    _ model: any PositionModel, _ block: ConstraintBlock, _ jacobian: UnsafeMutablePointer<JacobianRow>,
    _ displacement: UnsafeMutablePointer<Vector6>, _ kept: Double, into error: UnsafeMutablePointer<Double>
  ) {
    let still = WideVector6(.zero, .zero, .zero)
    let da = block.bodyA >= 0 ? WideVector6(loading: displacement + Int(block.bodyA)) : still
    let db = block.bodyB >= 0 ? WideVector6(loading: displacement + Int(block.bodyB)) : still
    let offset = model.offset.pointer + Int(block.firstRow)
    let initial = model.initialError.pointer + Int(block.firstRow)
    for row in 0..<Int(block.rowCount) {
      let u = (jacobian + Int(block.firstRow) + row).pairedVelocity(da, db)
      error[row] = u.x + u.y + offset[row] - kept * initial[row]
    }
  }

  /// P_K(λ − k C), λ taken as 0 on soft rows; gives a bit for every row that is inside its bounds.
  @inline(__always)
  @discardableResult
  private func forces(
    _ problem: ConstraintProblem, _ block: ConstraintBlock, _ lambda: UnsafePointer<Double>,
    _ error: UnsafePointer<Double>, into force: UnsafeMutablePointer<Double>
  ) -> UInt8 {
    let first = Int(block.firstRow)
    let rows = Int(block.rowCount)
    let penalty = self.penalty.pointer + first
    let stiffness = self.stiffness.pointer + first
    for row in 0..<rows {
      force[row] = (stiffness[row] < .infinity ? 0 : lambda[first + row]) - penalty[row] * error[row]
    }
    var inside: UInt8 = 0xff
    switch block.set {
    case .free: break
    case .box:
      let perTime = 1 / problem.timestep
      for row in 0..<rows {
        let lower = perTime * problem.lower.pointer[first + row]
        let upper = perTime * problem.upper.pointer[first + row]
        if force[row] <= lower || force[row] >= upper { inside &= ~(1 << UInt8(row)) }
        force[row] = min(max(force[row], lower), upper)
      }
    case .cone:
      let normal = max(lambda[first], 0)
      if force[0] <= 0 { inside &= ~1 }
      force[0] = max(force[0], 0)
      if Self.shorten(force + 1, block.friction * normal) { inside &= ~6 }
      if block.hasTorsionalRow {
        let bound = block.torsionalFriction * normal
        if force[3].magnitude >= bound { inside &= ~8 }
        force[3] = min(max(force[3], -bound), bound)
      }
      if block.hasRollingRows && Self.shorten(force + rows - 2, block.rollingFriction * normal) {
        inside &= ~(3 << UInt8(rows - 2))
      }
    }
    return inside
  }

  /// Shortens two components to a disk; says whether it had to.
  @inline(__always)
  private static func shorten(_ x: UnsafeMutablePointer<Double>, _ bound: Double) -> Bool {
    let length = (x[0] * x[0] + x[1] * x[1]).squareRoot()
    guard length >= bound else { return false }
    let scale = length > 0 ? bound / length : 0
    x[0] *= scale
    x[1] *= scale
    return true
  }

  /// ‖columns‖ of the second derivative of d · (x + R r) by a rotation, ½ (d rᵀ + r dᵀ) − (d·r) 1.
  @inline(__always)
  static func curvature(_ d: Vector3, _ r: Vector3) -> Vector3 {
    let along = d.dot(r)
    let x = 0.5 * (r.x * d + d.x * r) - along * .unitX
    let y = 0.5 * (r.y * d + d.y * r) - along * .unitY
    let z = 0.5 * (r.z * d + d.z * r) - along * .unitZ
    return Vector3(x.length, y.length, z.length)
  }
}

/// H δ = g of one body, 6×6, in storage of the caller's: the lower triangle of H by rows, and g.
struct BodySystem {
  let matrix: UnsafeMutablePointer<Double>
  let side: UnsafeMutablePointer<Double>

  /// H = M/h², g = −M/h² · `away`.
  @inline(__always)
  func begin(_ inertia: BodyInertia, _ away: Vector6, inverseSquare s: Double) {
    matrix.update(repeating: 0, count: 36)
    for k in 0..<3 {
      matrix[7 * k] = s * inertia.mass
      let row = inertia.inertia[k]
      matrix[(3 + k) * 6 + 3] = s * row.x
      matrix[(3 + k) * 6 + 4] = s * row.y
      matrix[(3 + k) * 6 + 5] = s * row.z
    }
    // A point mass has no inertia; 1 keeps its rotation, which nothing acts on, out of the way.
    for k in 3..<6 where matrix[7 * k] == 0 { matrix[7 * k] = 1 }
    let pull = inertia.times(away)
    side[0] = -s * pull.linear.x
    side[1] = -s * pull.linear.y
    side[2] = -s * pull.linear.z
    side[3] = -s * pull.angular.x
    side[4] = -s * pull.angular.y
    side[5] = -s * pull.angular.z
  }

  /// H += k j jᵀ, g += f j.
  @inline(__always)
  func add(_ j: Vector6, force f: Double, penalty k: Double) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 6) { scratch in
      let x = scratch.baseAddress!
      x[0] = j.linear.x
      x[1] = j.linear.y
      x[2] = j.linear.z
      x[3] = j.angular.x
      x[4] = j.angular.y
      x[5] = j.angular.z
      for row in 0..<6 {
        side[row] += f * x[row]
        let s = k * x[row]
        for column in 0...row { matrix[6 * row + column] += s * x[column] }
      }
    }
  }

  /// H += diag(0, `stiffness`).
  @inline(__always)
  func addStiffness(_ stiffness: Vector3) {
    matrix[21] += stiffness.x
    matrix[28] += stiffness.y
    matrix[35] += stiffness.z
  }

  /// δ = H⁻¹ g by Cholesky's method without roots, in place.
  @inline(__always)
  func solve() -> Vector6 {
    for j in 0..<6 {
      var pivot = matrix[7 * j]
      for k in 0..<j {
        let scaled = matrix[6 * j + k]
        let unit = scaled / matrix[7 * k]
        pivot -= scaled * unit
        matrix[6 * j + k] = unit
      }
      matrix[7 * j] = pivot
      for i in j + 1..<max(6, j + 1) {
        var sum = matrix[6 * i + j]
        for k in 0..<j { sum -= matrix[6 * i + k] * matrix[6 * j + k] }
        matrix[6 * i + j] = sum
      }
    }
    for i in 1..<6 {
      for k in 0..<i { side[i] -= matrix[6 * i + k] * side[k] }
    }
    for i in 0..<6 { side[i] /= matrix[7 * i] }
    var i = 4
    while i >= 0 {
      for k in i + 1..<6 { side[i] -= matrix[6 * k + i] * side[k] }
      i -= 1
    }
    return Vector6(linear: Vector3(side[0], side[1], side[2]), angular: Vector3(side[3], side[4], side[5]))
  }
}
