import ArgumentParser
import Laboratory

extension Listing.Topic: ExpressibleByArgument {}

/// `delassus list`.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "What there is to choose from, with the laws and sets that each solver handles.")

  @Argument(help: "What to list; everything unless given.")
  var topics: [Listing.Topic] = []

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    try reportingErrors {
      let listing = try Listing(topics.isEmpty ? Listing.Topic.allCases : topics)
      print(json ? try JSONText.encode(listing) : listing.text)
    }
  }
}
