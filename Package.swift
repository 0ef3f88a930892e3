// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Flags of the numeric modules, measured in `Documentation/Decisions/0002-build-flags.md`.
/// `-O` also in debug builds: the tests of a simulator are simulations. Swift never contracts a·b + c, so the
/// results are the same bits in both.
let numeric: [SwiftSetting] = [
  .swiftLanguageMode(.v5),
  .unsafeFlags(["-O", "-cross-module-optimization", "-enforce-exclusivity=unchecked", "-Xcc", "-fno-math-errno"]),
]

/// The viewer is built where its libraries are, unless `DELASSUS_NO_VIEWER` is set: without it everything else builds.
let viewerHeaders = ["GLFW/glfw3.h", "GL/gl.h", "EGL/egl.h", "imgui/imgui.h", "png.h"]
let hasViewer =
  ProcessInfo.processInfo.environment["DELASSUS_NO_VIEWER"] == nil
  && viewerHeaders.allSatisfy { FileManager.default.fileExists(atPath: "/usr/include/\($0)") }

let package = Package(
  name: "Delassus",
  products: [
    .library(name: "LinearAlgebra", targets: ["LinearAlgebra"]),
    .library(name: "ConstraintSystem", targets: ["ConstraintSystem"]),
    .library(name: "Dynamics", targets: ["Dynamics"]),
    .library(name: "Solvers", targets: ["Solvers"]),
    .library(name: "LearnedSolvers", targets: ["LearnedSolvers"]),
    .library(name: "Laboratory", targets: ["Laboratory"]),
    .executable(name: "delassus", targets: ["delassus"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
  ],
  targets: [
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CAMD", providers: [.apt(["libsuitesparse-dev"])]),
    .systemLibrary(name: "CQhull", pkgConfig: "qhull_r", providers: [.apt(["libqhull-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .target(name: "CCheckedHDF5", dependencies: ["CHDF5"]),

    .target(name: "LinearAlgebra", dependencies: ["COpenBLAS", "CAMD"], swiftSettings: numeric),
    .target(
      name: "ConstraintSystem", dependencies: ["LinearAlgebra", "CHDF5", "CCheckedHDF5"], swiftSettings: numeric),
    .target(name: "Dynamics", dependencies: ["ConstraintSystem", "LinearAlgebra", "CQhull"], swiftSettings: numeric),
    .target(name: "Solvers", dependencies: ["ConstraintSystem", "LinearAlgebra"], swiftSettings: numeric),
    .target(
      name: "LearnedSolvers", dependencies: ["Solvers", "ConstraintSystem", "LinearAlgebra"], swiftSettings: numeric),
    .target(
      name: "Laboratory",
      dependencies: [
        "Dynamics", "LearnedSolvers", "Solvers", "ConstraintSystem", "LinearAlgebra",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [.embedInCode("Report/report.mustache")],
      swiftSettings: numeric),
    .executableTarget(
      name: "delassus",
      dependencies: [
        "Laboratory", "LearnedSolvers", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "TextTable", package: "TextTable"),
      ],
      swiftSettings: [.swiftLanguageMode(.v5)]),

    // Counts the heap allocations of a thread: for tests alone.
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    .testTarget(
      name: "ConstraintSystemTests", dependencies: ["ConstraintSystem", "LinearAlgebra"], swiftSettings: numeric),
    .testTarget(
      name: "DynamicsTests",
      dependencies: [
        "Dynamics", "LearnedSolvers", "Solvers", "ConstraintSystem", "LinearAlgebra", "CAllocationCounter",
      ],
      swiftSettings: numeric),
    .testTarget(
      name: "LaboratoryTests",
      dependencies: [
        "Laboratory", "Dynamics", "LearnedSolvers", "Solvers", "ConstraintSystem", "LinearAlgebra",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: numeric),
    .testTarget(
      name: "SolverTests",
      dependencies: ["LearnedSolvers", "Solvers", "ConstraintSystem", "LinearAlgebra", "CAllocationCounter"],
      swiftSettings: numeric),
    .testTarget(
      name: "LearnedSolverTests",
      dependencies: [
        "LearnedSolvers", "Dynamics", "Solvers", "ConstraintSystem", "LinearAlgebra", "CAllocationCounter",
      ],
      swiftSettings: numeric),
    .testTarget(name: "CommandTests", dependencies: ["delassus"]),
  ]
)

if hasViewer {
  package.products += [
    .library(name: "Viewer", targets: ["Viewer"]), .executable(name: "delassus-view", targets: ["delassus-view"]),
  ]
  package.targets += [
    .systemLibrary(name: "CGLFW", pkgConfig: "glfw3", providers: [.apt(["libglfw3-dev"])]),
    .systemLibrary(name: "COpenGL", pkgConfig: "opengl", providers: [.apt(["libgl-dev", "libopengl-dev"])]),
    .systemLibrary(name: "CEGL", pkgConfig: "egl", providers: [.apt(["libegl-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "ImGui", pkgConfig: "imgui", providers: [.apt(["libimgui-dev"])]),
    .target(name: "CImGui", dependencies: ["ImGui"]),
    .target(
      name: "Viewer",
      dependencies: [
        "Laboratory", "Dynamics", "LearnedSolvers", "Solvers", "ConstraintSystem", "LinearAlgebra", "CGLFW", "COpenGL",
        "CEGL", "CPNG",
        "CImGui",
      ],
      resources: [.embedInCode("Interface/wrecking-ball.json")],
      swiftSettings: numeric),
    .executableTarget(
      name: "delassus-view",
      dependencies: ["Viewer", "Laboratory", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: [.swiftLanguageMode(.v5)]),
    .testTarget(
      name: "ViewerTests", dependencies: ["Viewer", "delassus-view", "Laboratory", "Dynamics", "LinearAlgebra"],
      exclude: ["Scripts"], swiftSettings: numeric),
  ]
}
