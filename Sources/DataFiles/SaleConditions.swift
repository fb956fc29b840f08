/// Polygon's (Massive's) condition codes of stock trades as the bits of a tick. The table and its source: docs/files.md.
enum SaleConditions {
  static let notForPrices: UInt32 = 1
  static let notForVolume: UInt32 = 2
  static let officialClose: UInt32 = 4

  private static let bits: [UInt32] = {
    var bits = [UInt32](repeating: 0, count: 64)
    // Average price, bunched sold, cash, derivatively priced, extended hours sold out of sequence, next day, price variation, prior reference
    // price, sold out of sequence (and stopped), odd lot, contingent, qualified contingent.
    for code in [2, 5, 7, 10, 13, 20, 21, 22, 32, 33, 37, 52, 53] { bits[code] = notForPrices }
    // Market center official close and open.
    bits[15] = notForPrices | notForVolume | officialClose
    bits[16] = notForPrices | notForVolume
    // Corrected consolidated close.
    bits[38] = notForVolume | officialClose
    return bits
  }()

  /// Of codes with commas between them; nil where one is no number. Codes that are not in the table have no effect.
  static func bits(_ codes: Substring) -> UInt32? {
    var found: UInt32 = 0
    for code in codes.split(whereSeparator: { $0 == "," || $0 == " " || $0 == ";" }) {
      guard let code = Int(code), code >= 0 else { return nil }
      if code < bits.count { found |= bits[code] }
    }
    return found
  }

  /// A trade that was cancelled or that corrects another one counts for nothing: the tape's codes 7 and up.
  static func bits(correction: Substring) -> UInt32? {
    guard !correction.isEmpty else { return 0 }
    guard let code = Int(correction) else { return nil }
    return code >= 7 ? notForPrices | notForVolume : 0
  }
}
