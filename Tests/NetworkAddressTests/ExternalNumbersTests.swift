import NetworkAddress
import Testing

@Suite struct ExternalNumbersTests {
    @Test func `text is parsed only if it is a number within the range`() {
        #expect(Int("42", in: 0...59) == 42 && Int("0", in: 0...59) == 0 && Int("59"[...], in: 0...59) == 59)
        for text in ["60", "-1", "", " 5", "5 ", "1e1", "1.0", "0x1", "NaN", "9223372036854775808", "٣"] {
            #expect(Int(text, in: 0...59) == nil, "\(text)")
        }
        #expect(Int("-9223372036854775808", in: Int.min...0) == Int.min)
        #expect(UInt16("65536", in: 0...65_535) == nil && UInt16("-1", in: 0...65_535) == nil)
    }

    @Test(arguments: [
        (0, 0), (-0.9, 0), (1.9, 1), (-1.9, -1), (.nan, 0), (.infinity, Int.max), (-.infinity, .min), (1e308, .max),
        (-1e308, .min), (9.3e18, .max), (0x1p63, .max), (-0x1p63, .min),
    ]) func `a floating-point number is truncated and clamped to the range of Int`(_ number: Double, _ expected: Int) {
        #expect(Int(saturating: number) == expected)
    }

    @Test func `a floating-point number is clamped to the range of smaller types`() {
        #expect(UInt8(saturating: 255.4) == 255 && UInt8(saturating: 256) == 255 && UInt8(saturating: -3) == 0)
        #expect(UInt64(saturating: 1e300) == .max && UInt64(saturating: -0.5) == 0)
    }
}
