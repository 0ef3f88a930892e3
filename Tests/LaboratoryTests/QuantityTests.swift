import Laboratory
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    (0.0125, "12.5 ns"), (0.9996, "1.00 µs"), (1, "1.00 µs"), (45.24, "45.2 µs"), (999.4, "999 µs"), (999.6, "1.00 ms"),
    (1234, "1.23 ms"), (2.5e6, "2.50 s"),
  ])
  func times(microseconds: Double, text: String) { #expect(Quantity.time(microseconds: microseconds) == text) }

  @Test(arguments: [
    (12.34, "12.3 m"), (0.00094, "940 µm"), (2e-8, "20.0 nm"), (0.0015, "1.50 mm"), (1500, "1.50 km"),
    (-0.25, "-250 mm"),
  ])
  func lengths(meters: Double, text: String) { #expect(Quantity.length(meters) == text) }

  @Test func whatDoesNotApply() {
    #expect(Quantity.time(microseconds: nil) == "–")
    #expect(Quantity.length(nil) == "–")
    #expect(Quantity.scientific(nil) == "–")
    #expect(Quantity.drift(nil) == "–")
    #expect(Quantity.length(.infinity) == "∞")
  }

  @Test func fractionsAndPowers() {
    #expect(Quantity.scientific(4.2e-7) == "4.2e-7")
    #expect(Quantity.scientific(1e-6) == "1e-6")
    #expect(Quantity.scientific(0) == "0")
    #expect(Quantity.scientific(9.96) == "1e1")
    #expect(Quantity.drift(-0.0123) == "−1.23 %")
    #expect(Quantity.drift(3e-7) == "+3e-7")
    #expect(Quantity.percent(0.453) == "45 %")
    #expect(Quantity.percent(0.0004) == "< 0.1 %")
    #expect(Quantity.percent(1) == "100 %")
    #expect(Quantity.count(7) == "7")
    #expect(Quantity.count(7.5) == "7.5")
  }
}
