// swift-tools-version: 6.2
import PackageDescription

// The core targets need no package: a sanitizer or fuzzer build with PENSTOCK_CORE_ONLY=1 compiles in seconds.
let coreOnly = Context.environment["PENSTOCK_CORE_ONLY"] == "1"

// scripts/fuzz.sh builds the core with coverage feedback for libFuzzer, and each fuzzer as a static library.
let fuzzing = Context.environment["PENSTOCK_FUZZ"] == "1"
let fuzzers = ["HTTP2Fuzz", "WireCodecFuzz", "StraightPassFuzz"]

let ours: [SwiftSetting] =
  [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Debug builds, and so all tests, check exclusive access at run time; a release build does not pay for it on every tick.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
  ] + (fuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"])] : [])

func core(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: ours)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: ours)
}

let coreTargets: [Target] = [
  .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
  .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
  .systemLibrary(name: "CMessageDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
  .target(name: "CPenstockProto", dependencies: ["CProtobufC"]),
  .target(name: "CGRPCProto", dependencies: ["CProtobufC"]),
  core("LockFree"),
  core("MarketData"),
  core("Settings", ["MarketData"]),
  core("Detection", ["MarketData", "Settings"]),
  core("Events", ["LockFree", "MarketData"]),
  core("Channels", ["LockFree", "MarketData", "Settings", "Detection", "Events"]),
  core("HTTP2", ["CNghttp2", "MarketData"]),
  core("GRPC", ["HTTP2", "CGRPCProto", "LockFree", "MarketData"]),
  core(
    "WireCodec",
    [
      "CPenstockProto", "CProtobufC", "CMessageDigest", "LockFree", "MarketData", "Settings", "Detection", "Channels",
      "Events",
    ]),
  .systemLibrary(name: "CMalloc"),
  .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
  core("DataFiles", ["CZlib", "MarketData"]),
  .executableTarget(
    name: "Benchmarks",
    dependencies: [
      "LockFree", "MarketData", "Detection", "Channels", "Events", "HTTP2", "GRPC", "WireCodec", "DataFiles",
    ],
    swiftSettings: ours),
  core(
    "TestKit", ["CNghttp2", "LockFree", "MarketData", "Detection", "Channels", "Events", "HTTP2", "GRPC", "WireCodec"]),
  tests("LockFree", ["LockFree", "TestKit"]),
  tests("MarketData", ["MarketData", "TestKit"]),
  tests("Settings", ["Settings", "MarketData", "TestKit"]),
  tests("Detection", ["Detection", "MarketData", "Settings", "TestKit"]),
  tests("Channels", ["Channels", "DataFiles", "Events", "LockFree", "MarketData", "Settings", "Detection", "TestKit"]),
  tests("Events", ["Events", "LockFree", "MarketData", "TestKit"]),
  tests("HTTP2", ["HTTP2", "MarketData", "TestKit"]),
  tests("GRPC", ["GRPC", "HTTP2", "LockFree", "MarketData", "TestKit"]),
  .testTarget(name: "TidyTests", swiftSettings: ours),
  tests("DataFiles", ["DataFiles", "MarketData", "TestKit"]),
  tests(
    "WireCodec", ["WireCodec", "LockFree", "MarketData", "Settings", "Detection", "Channels", "Events", "TestKit"]),
]

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

let serverTargets: [Target] = [
  core("Transport", nio + ["GRPC", "HTTP2", "MarketData"]),
  core(
    "Server",
    nio + [
      "Transport", "GRPC", "HTTP2", "WireCodec", "Channels", "Events", "Detection", "Settings", "MarketData",
      "LockFree", "CMalloc",
      .product(name: "Logging", package: "swift-log"),
      .product(name: "Yams", package: "Yams"),
    ]),
  core(
    "CommandLine",
    nio + [
      "Server", "Transport", "GRPC", "WireCodec", "DataFiles", "Events", "Channels", "Detection", "Settings",
      "MarketData", "LockFree",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "Histogram", package: "hdrhistogram-swift"),
    ]),
  .executableTarget(name: "penstock", dependencies: ["CommandLine"], swiftSettings: ours),
  tests(
    "Transport",
    nio + ["Transport", "GRPC", "HTTP2", "TestKit", .product(name: "NIOEmbedded", package: "swift-nio")]),
  tests(
    "Server",
    nio + [
      "Server", "Transport", "GRPC", "HTTP2", "WireCodec", "Channels", "Events", "Detection", "Settings", "MarketData",
      "TestKit",
    ]),
  tests(
    "CommandLine",
    [
      "CommandLine", "Server", "WireCodec", "Channels", "Events", "Settings", "MarketData", "LockFree", "TestKit",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ]),
]

let fuzzTargets: [Target] =
  fuzzing
  ? fuzzers.map { .target(name: $0, dependencies: ["TestKit"], path: "Fuzz/\($0)", swiftSettings: ours) } : []

let package = Package(
  name: "penstock",
  products: coreOnly
    ? fuzzTargets.map { .library(name: $0.name, type: .static, targets: [$0.name]) }
    : [.executable(name: "penstock", targets: ["penstock"])],
  dependencies: coreOnly
    ? []
    : [
      .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
      .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
      .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
      .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
      .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
  targets: coreTargets + (coreOnly ? fuzzTargets : serverTargets),
  swiftLanguageModes: [.v6]
)
