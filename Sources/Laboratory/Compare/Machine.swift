import Foundation

/// The machine that times were taken on.
public struct Machine: Codable, Sendable, Equatable {
  /// Model of the processor.
  public var processor: String
  /// Number of its cores that the process may use.
  public var cores: Int
  /// Main memory (bytes).
  public var memoryBytes: UInt64
  /// Operating system.
  public var system: String
  /// Architecture that the program was built for.
  public var architecture: String

  /// This machine.
  public static var current: Machine {
    let information = ProcessInfo.processInfo
    return Machine(
      processor: processorName ?? "unknown", cores: information.activeProcessorCount,
      memoryBytes: information.physicalMemory, system: information.operatingSystemVersionString,
      architecture: architectureName)
  }

  /// One line for a table's foot.
  public var summary: String { "\(processor), \(cores) cores, \(Quantity.bytes(Double(memoryBytes))), \(system)" }

  private static var processorName: String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") || $0.hasPrefix("Model") }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static var architectureName: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "unknown"
    #endif
  }
}
