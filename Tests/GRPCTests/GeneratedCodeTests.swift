import TestKit
import Testing

@Suite struct GeneratedCodeTests {
  @Test func theCommittedCodeWasMadeFromTheProtosBesideIt() throws {
    #expect(try GeneratedCode.staleness(tree: "grpc") == "", "run scripts/generate-protos.sh grpc")
  }

  @Test func generatingAgainWithTheSameToolsChangesNothing() throws {
    let (status, output) = try GeneratedCode.regenerate(tree: "grpc")
    // 3 and 127: other tools or none are at hand, and the hash above has to do.
    #expect([0, 3, 127].contains(status), "\(output)")
  }
}
