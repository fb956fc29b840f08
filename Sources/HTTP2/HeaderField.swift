/// One header field, pseudo-headers included. Names are lower case (RFC 9113 §8.2).
public struct HeaderField: Sendable, Equatable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}
