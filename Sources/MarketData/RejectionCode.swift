/// Why an item was not taken. Raw values are the wire's numbers (contract.md, `RejectionCode`).
public enum RejectionCode: UInt8, BitwiseCopyable, CaseIterable, Error, Sendable {
  case emptyPayload = 1
  case badSymbol = 2
  case badPrice = 3
  case badSize = 4
  case badTimestamp = 5
  case badBar = 6
  case badColumns = 7
  case noChannel = 8
  case tooManySymbols = 9
  case sequenceRegression = 10
  case badFairValue = 11
}
