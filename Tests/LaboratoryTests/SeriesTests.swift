import Testing

import Laboratory

@Suite struct SeriesTests {
  static func series(_ values: [Double]) -> Series {
    let series = Series()
    for value in values { series.append(value) }
    return series
  }

  @Test func medianIsTheMiddle() {
    #expect(Self.series([3, 1, 2]).distribution()?.median == 2)
    #expect(Self.series([4, 1, 3, 2]).distribution()?.median == 2.5)
    #expect(Self.series([7]).distribution()?.median == 7)
  }

  @Test func p99IsTheNearestRank() {
    // Of 100 values the 99th, of 200 the 198th, of 10 the last.
    #expect(Self.series((1...100).map(Double.init).shuffled()).distribution()?.p99 == 99)
    #expect(Self.series((1...200).map(Double.init).reversed()).distribution()?.p99 == 198)
    #expect(Self.series((1...10).map(Double.init)).distribution()?.p99 == 10)
  }

  @Test func meanMaximumAndWhatIsLeftOut() {
    let series = Self.series([100, 1, 2, 6])
    #expect(series.distribution() == Distribution(median: 4, p99: 100, mean: 27.25, maximum: 100))
    #expect(series.distribution(from: 1) == Distribution(median: 2, p99: 6, mean: 3, maximum: 6))
    #expect(series.last == 6)
  }

  @Test func nothingHasNoDistribution() {
    #expect(Series().distribution() == nil)
    #expect(Series().last == nil)
    #expect(Self.series([1]).distribution(from: 1) == nil)
  }

  @Test func aNumberThatIsNotOneShowsAsTheMaximum() {
    #expect(Self.series([1, .nan, 2]).distribution()?.maximum == .infinity)
    #expect(Self.series([1, .nan, 2]).distribution()?.median == 2)
  }
}
