/// A row that is not what it should be.
package struct BadRow: Error, Equatable {
  package var line: Int
  package var message: String

  package init(line: Int, message: String) {
    self.line = line
    self.message = message
  }
}
