import ArgumentParser
import Channels
import Foundation
import Server
import Testing

@testable import CommandLine

/// The files of `deploy/profiles`.
@Suite struct MarketProfileTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("deploy/profiles")

  @Test func theFolderHoldsAFileForEach() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(files) == Set(MarketProfile.allCases.map { "\($0.rawValue).yaml" }))
  }

  @Test(arguments: MarketProfile.allCases) func fileAndProgramSayTheSame(_ profile: MarketProfile) throws {
    let file = try String(contentsOf: Self.folder.appendingPathComponent("\(profile.rawValue).yaml"), encoding: .utf8)
    // A Bool of its own: a failure would print both texts.
    let isSame = file == profile.text
    #expect(isSame, "deploy/profiles/\(profile.rawValue).yaml differs from MarketProfile.swift")
  }

  @Test(arguments: MarketProfile.allCases) func eachIsOneGoodProfileForAllSymbols(_ profile: MarketProfile) throws {
    let configuration = try ConfigurationReader.read(yaml: profile.text)
    #expect(configuration.profiles.map(\.name) == [profile.rawValue])
    #expect(configuration.profiles[0].symbols.map(\.description) == ["*"])
    // All but the one that the defaults are made for depart from them.
    let plain = try ConfigurationReader.read(yaml: "")
    #expect((configuration.profiles[0].tick == plain.profiles[0].tick) == (profile == .usEquities))
  }

  /// What the comments say of patterns.
  @Test(arguments: [
    ("AAPL  *", "AAPL  261218C00250000", true), ("AAPL  *", "AAPL", false), ("AAPL  *", "AAPLW 261218C00250000", false),
    ("AAPL2*", "AAPL261218C00250000", true), ("AAPL2*", "AAPL", false), ("O:*", "O:AAPL261218C00250000", true),
    ("SPXW  261218*", "SPXW  261218P05000000", true), ("SPXW  261218*", "SPXW  261219P05000000", false),
    ("ESZ*", "ESZ6", true), ("ESZ*", "ESZ2026", true), ("ESZ*", "ESH7", false), ("ES*", "ESH7", true),
  ])
  func patternsMatchAsExplained(_ pattern: String, _ symbol: String, _ matches: Bool) {
    #expect(SymbolPattern(pattern).matches(symbol) == matches)
  }

  @Test func theCommandKnowsThemByName() throws {
    for profile in MarketProfile.allCases {
      let command = try ConfigCommand.Default.parse(["--profile", profile.rawValue])
      #expect(command.profile == profile)
    }
    #expect(throws: (any Error).self) { try ConfigCommand.Default.parse(["--profile", "bonds"]) }
  }
}
