// swift-tools-version: 6.2
import PackageDescription

// One set of rules for every Swift target: Swift 6 mode, warnings are errors, and the upcoming
// features that make imports and existentials explicit.
var strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// Asked for by `Tests/fuzz`, in a build folder of its own.
let isFuzzing = Context.environment["HOLDFAST_FUZZ"] != nil
if isFuzzing { strict.append(.unsafeFlags(["-sanitize=fuzzer,address", "-O"])) }

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let server: Target.Dependency = .product(name: "FlyingFox", package: "FlyingFox")
let signals: Target.Dependency = .product(
    name: "UnixSignals", package: "swift-service-lifecycle")

// The readers of bytes from outside, with what must hold of each: a program of its own with
// libFuzzer's loop, and otherwise a part of the tests, which replay its corpus.
let readers: [Target.Dependency] = [
    "AWS", "Checkpoints", "CMemoryPack", "GitSource", "Manifests", "Planning", "Processes",
    "Supervision", "Training", "Transport",
]
let fuzzing: [Target] =
    isFuzzing
    ? [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzzing/CLibFuzzer"),
        .executableTarget(
            name: "fuzz", dependencies: readers + ["CLibFuzzer"], path: "Tests/Fuzzing",
            exclude: ["CLibFuzzer", "CMemoryPack", "Corpus", "Dictionaries", "Replaying"],
            sources: ["Program", "Targets"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
    ]
    : [
        .testTarget(
            name: "FuzzingTests", dependencies: readers, path: "Tests/Fuzzing",
            exclude: ["CLibFuzzer", "CMemoryPack", "Corpus", "Dictionaries", "Program"],
            sources: ["Replaying", "Targets"], swiftSettings: strict)
    ]

let package = Package(
    name: "holdfast",
    products: [
        .executable(name: "reconcile", targets: ["reconcile"]),
        .executable(name: "reconcile-agent", targets: ["reconcile-agent"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        // MARK: C libraries: a module map and a shim.h each, no Swift

        .systemLibrary(
            name: "CLibGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .systemLibrary(
            name: "CLibCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        // The Linux calls that Swift's Glibc module lacks: prctl, pidfd, fork and exec.
        .systemLibrary(name: "CLinux"),

        // MARK: The inner rooms: values, decisions, formats

        .target(name: "Training", dependencies: [crypto], swiftSettings: strict),
        .target(name: "Planning", dependencies: ["Training"], swiftSettings: strict),
        .target(name: "Checkpoints", dependencies: ["Training"], swiftSettings: strict),
        .target(
            name: "Manifests", dependencies: ["Training", "CLibYAML"], swiftSettings: strict),
        .target(
            name: "Reconciliation",
            dependencies: ["Training", "Planning", "Checkpoints", logging],
            swiftSettings: strict),
        .target(
            name: "Supervision",
            dependencies: ["Training", "Checkpoints", "Processes", logging],
            swiftSettings: strict),

        // MARK: Adapters: they meet the loop only in the executables

        .target(name: "Transport", dependencies: ["CLibCurl"], swiftSettings: strict),
        .target(
            name: "GitSource", dependencies: ["Training", "CLibGit2", "Transport"],
            swiftSettings: strict),
        // The one room that knows Linux processes; its folder Files holds the small, crash-safe
        // file operations that the store, the machines and the agent share.
        .target(name: "Processes", dependencies: ["CLinux"], swiftSettings: strict),
        .target(
            name: "Local", dependencies: ["Training", "Processes", crypto], swiftSettings: strict),

        .target(
            name: "AWS", dependencies: ["Training", "Transport", "Processes", crypto],
            swiftSettings: strict),

        // What a control node shows of itself over HTTP.
        .target(
            name: "ControlServer",
            dependencies: ["Training", "Planning", "Reconciliation", server],
            swiftSettings: strict),

        // MARK: The simulated world

        // The model of AWS, and the world in which the production loops run on virtual time.
        .target(
            name: "Simulation",
            dependencies: [
                "Training", "Planning", "Checkpoints", "Reconciliation", "Supervision", logging,
            ],
            exclude: ["World/WORLD.md"], swiftSettings: strict),

        // MARK: Executables

        .executableTarget(
            name: "reconcile",
            dependencies: [
                "Training", "Planning", "Manifests", "GitSource", "Transport", "Checkpoints",
                "Reconciliation", "Local", "AWS", "Processes", "ControlServer", "Simulation",
                arguments, logging, signals,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "reconcile-agent",
            dependencies: [
                "Training", "Checkpoints", "Supervision", "Local", "AWS", "Transport", "Processes",
                logging, signals,
            ],
            exclude: ["LINKING.md"],
            swiftSettings: strict),
        // For tests and for trying things by hand: AWS as the model in Simulation sees it. Never
        // `AWS`, or the client's mistakes would be mirrored here.
        .executableTarget(
            name: "AWSDouble",
            dependencies: ["Training", "Simulation", "Processes", arguments, crypto],
            swiftSettings: strict),

        // MARK: Tests

        .target(
            name: "TestSupport", dependencies: ["Training"], path: "Tests/Support",
            swiftSettings: strict),
        // Many scenarios in simulated worlds, for as long as it is told: `Tests/soak`.
        .executableTarget(
            name: "soak", dependencies: ["Simulation", "Training", arguments],
            path: "Tests/Soaking", swiftSettings: strict),
        // What the benchmarks measure of our own: `Tests/Benchmarks`.
        .executableTarget(
            name: "bench", dependencies: ["Checkpoints", "Training", arguments],
            path: "Tests/Benchmarking", swiftSettings: strict),
        .testTarget(
            name: "ReconciliationTests",
            dependencies: [
                "Checkpoints", "Planning", "Reconciliation", "TestSupport", "Training", logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PlanningTests", dependencies: ["Planning", "TestSupport", "Training"],
            swiftSettings: strict),
        .testTarget(
            name: "TrainingTests", dependencies: ["Training", "TestSupport"],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "CheckpointsTests",
            dependencies: ["Checkpoints", "Local", "Training", "TestSupport"],
            exclude: ["Samples"], swiftSettings: strict),
        .testTarget(
            name: "GitSourceTests",
            dependencies: ["GitSource", "Transport", "Training", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "TransportTests", dependencies: ["Transport", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "reconcileTests",
            dependencies: [
                "reconcile", "AWS", "Checkpoints", "Local", "Manifests", "Planning",
                "Reconciliation", "Simulation", "TestSupport", "Training", arguments,
            ],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "AWSTests",
            dependencies: [
                "AWS", "Local", "Processes", "Simulation", "Training", "Transport", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Simulation", "Checkpoints", "Planning", "Reconciliation", "Supervision",
                "TestSupport", "Training",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ControlServerTests",
            dependencies: [
                "ControlServer", "Planning", "Reconciliation", "Training", "Transport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AWSDoubleTests",
            dependencies: ["AWSDouble", "Processes", "Training", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
        .testTarget(
            name: "ProcessesTests", dependencies: ["Processes", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LocalTests",
            dependencies: ["Local", "Processes", "Training", "TestSupport", crypto],
            swiftSettings: strict),
        .testTarget(
            name: "SupervisionTests",
            dependencies: [
                "Supervision", "Checkpoints", "Local", "Processes", "Training", "TestSupport",
                logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ManifestsTests", dependencies: ["Manifests", "Training", "TestSupport"],
            exclude: ["Bad", "Good", "Golden"], swiftSettings: strict),
        // Drives the built programs, which `swift build --build-tests` leaves beside the tests.
        .testTarget(
            name: "EndToEndTests", dependencies: ["Training", "Processes", "TestSupport"],
            swiftSettings: strict),
        .systemLibrary(
            name: "CMemoryPack", path: "Tests/Fuzzing/CMemoryPack", pkgConfig: "libgit2"),
    ] + fuzzing
)
