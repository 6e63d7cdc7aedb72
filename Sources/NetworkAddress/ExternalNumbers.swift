/// Conversion of numbers from external input: a router, a provider, a browser, a file. Swift traps when arithmetic
/// overflows or a fraction does not fit into an integer, so such numbers are bounded when they are converted.
extension FixedWidthInteger {
    /// Parses decimal digits; returns nil for other text and for numbers outside `range`. Choose a range small enough
    /// that sums and products of such numbers do not overflow.
    package init?(_ text: some StringProtocol, in range: ClosedRange<Self>) {
        guard let number = Self(text), range.contains(number) else { return nil }
        self = number
    }

    /// `number` without its fraction, clamped to the type's range; 0 for NaN.
    package init(saturating number: Double) {
        if number.isNaN {
            self = 0
        } else if number >= Double(Self.max) {
            self = .max
        } else {
            // Safe because it is between the bounds.
            self = number <= Double(Self.min) ? .min : Self(number)
        }
    }
}
