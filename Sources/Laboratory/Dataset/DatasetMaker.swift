import ConstraintSystem
import Foundation
import LearnedSolvers
import Solvers

/// Makes a dataset: worlds of every family until each has its share of systems, several worlds at a time.
///
/// A world's content depends on the seed, its family's name and its number alone, and systems are taken in the order of
/// worlds; the number of jobs changes nothing.
public final class DatasetMaker {
  /// Number of systems wanted.
  public let systems: Int
  /// What everything is drawn from.
  public let seed: UInt64
  /// Number of worlds at a time.
  public let jobs: Int
  /// The solver that moves the worlds.
  public let driver: String
  /// Asked between worlds; true ends with what is there.
  public var shouldStop: () -> Bool = { false }
  /// Called with the number of systems so far; one call at a time.
  public var progress: (Int) -> Void = { _ in }

  private let families: [DatasetFamily]
  private let lock = NSLock()
  private var shares: [DatasetShare]
  private var failure: (any Error)?

  /// A dataset of families. Throws `SolverTextError` for a driver that is none.
  public init(
    _ families: [DatasetFamily], systems: Int, seed: UInt64 = 0, jobs: Int = 1, driver: String = "newton"
  ) throws {
    _ = try SolverCatalog.complete.make(driver)
    self.families = families
    self.systems = systems
    self.seed = seed
    self.jobs = max(1, jobs)
    self.driver = driver
    let quotas = Self.quotas(families.map(\.weight), total: systems)
    shares = quotas.map(DatasetShare.init)
  }

  /// Makes it. Throws `SolverTextError` where a solver of the labels is missing.
  public func run() throws -> Dataset {
    let workers = DispatchGroup()
    for _ in 0..<jobs {
      workers.enter()
      let thread = Thread { [self] in
        while let (family, world) = next() { work(family, world) }
        workers.leave()
      }
      thread.stackSize = 16 << 20
      thread.start()
    }
    workers.wait()
    if let failure { throw failure }
    return collect()
  }

  /// Whole numbers in proportion to `weights` that sum to `total`: the largest remainders are rounded up.
  static func quotas(_ weights: [Double], total: Int) -> [Int] {
    let sum = weights.reduce(0, +)
    let exact = weights.map { Double(total) * $0 / sum }
    var quotas = exact.map { Int($0) }
    let remainders = zip(exact, quotas).map { $0 - Double($1) }
    let order = exact.indices.sorted { (-remainders[$0], $0) < (-remainders[$1], $1) }
    for index in order.prefix(total - quotas.reduce(0, +)) { quotas[index] += 1 }
    return quotas
  }

  /// The next world to simulate: of the first family that needs more.
  private func next() -> (family: Int, world: Int)? {
    lock.withLock {
      guard failure == nil, !shouldStop() else { return nil }
      for index in shares.indices {
        if let world = shares[index].nextWorld(ahead: jobs) { return (index, world) }
      }
      return nil
    }
  }

  private func work(_ index: Int, _ world: Int) {
    let family = families[index]
    let job = DatasetWorld(family, index: index, world: world, seed: Self.seed(seed, family, world))
    do {
      let outcome = try job.run(driver: driver)
      lock.withLock {
        shares[index].take(outcome, world: world)
        progress(shares.reduce(0) { $0 + $1.count })
      }
    } catch {
      lock.withLock { failure = failure ?? error }
    }
  }

  /// The seed of a world, below 2⁵³.
  private static func seed(_ seed: UInt64, _ family: DatasetFamily, _ world: Int) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    let split = family.split == .validation ? "validation" : ""
    for byte in (family.name + "/" + split).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    var random = RandomSequence(seed: seed ^ hash)
    let base = random.next() * 0x1p53
    random = RandomSequence(seed: UInt64(base) &+ UInt64(world) &* 0x9e37_79b9_7f4a_7c15)
    return UInt64(random.next() * 0x1p53)
  }

  private func collect() -> Dataset {
    var columns = DatasetColumns()
    var descriptions: [Dataset.Family] = []
    for (family, share) in zip(families, shares) {
      share.append(to: &columns)
      var description = Dataset.Family(
        name: family.name, scene: family.scene.name, group: family.group, split: family.split.rawValue)
      description.worlds = share.worlds
      description.candidates = share.candidates
      description.leftOut = share.leftOut
      description.failedWorlds = share.failedWorlds
      description.driver = share.driver
      descriptions.append(description)
    }
    var dataset = Dataset(families: descriptions, columns: columns, seed: seed, driver: driver)
    dataset.countFamilies()
    return dataset
  }
}
