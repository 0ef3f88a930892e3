import ConstraintSystem
import LinearAlgebra
import Solvers

/// The article's autoencoder for one mechanism: encode, solve k < n equations, decode.
///
///     E_θ(A) z = E_θ(b),   λ = D_φ(z)
///
/// With perceptrons for E and D (form `latent`) nothing bounds the error. With a linear decoder Z (form `galerkin`) the
/// reduced system is ZᵀAZ z = Zᵀb, and λ = Z z is the best of its subspace in the norm of A: never worse than λ = 0.
///
/// A matrix of another pattern gets λ = 0 and the reason `unsupported`. The start in `x` is not used. Unchanged when
/// units, masses or the time step change. Cost: 2 flops a weight, and k³/3 for the reduced system.
final class LatentSolver: LinearSolver {
  static let descriptor = LinearSolverDescriptor(
    name: "latent", summary: "autoencoder of a mechanism: encode, solve a few equations, decode",
    groups: ["learned"], slots: [], reference: "Wach 2024, autoencoder",
    options: [OptionDescriptor("weights", "model of a mechanism: a file or a name, default mechanism-latent")],
    isApproximate: true
  ) { options in
    LatentSolver(
      mechanism: try MechanismNetwork(options.word("weights") ?? "mechanism-latent", forms: [.latent, .galerkin]))
  }

  private let mechanism: MechanismNetwork
  private let r = Buffer<Double>()

  init(mechanism: MechanismNetwork) { self.mechanism = mechanism }

  var isDirect: Bool { false }

  func prepare(_ matrix: SymmetricBlockMatrix, change: MatrixChange, report: inout SolveReport) {
    mechanism.prepare(matrix, change: change, report: &report)
  }

  func solve(
    _ matrix: SymmetricBlockMatrix, _ b: UnsafePointer<Double>, into x: UnsafeMutablePointer<Double>, stop: LinearStop,
    report: inout SolveReport
  ) {
    guard mechanism.fits else { return MechanismNetwork.refuse(matrix, x, report: &report) }
    mechanism.solve(matrix, b, into: x, r: r, stop: stop, report: &report)
  }
}
