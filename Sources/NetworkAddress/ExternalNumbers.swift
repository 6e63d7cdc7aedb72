/// Numbers out of what others send: a router, a provider, a browser, a file. Swift stops the program where arithmetic
/// overflows or a fraction does not fit into an integer, so such a number is bounded where it becomes one.
extension FixedWidthInteger {
    /// The number that `text` spells in decimal digits; nil for any other text, and beyond `range`. A range is what the
    /// thing that is counted can reach at most, so that sums and products of such numbers fit.
    package init?(_ text: some StringProtocol, in range: ClosedRange<Self>) {
        guard let number = Self(text), range.contains(number) else { return nil }
        self = number
    }

    /// `number` without its fraction; the nearest there is for one that does not fit, 0 for what is no number.
    package init(saturating number: Double) {
        if number.isNaN {
            self = 0
        } else if number >= Double(Self.max) {
            self = .max
        } else {
            // Safe because it is between the two.
            self = number <= Double(Self.min) ? .min : Self(number)
        }
    }
}
