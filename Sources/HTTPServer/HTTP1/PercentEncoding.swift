/// Percent escapes of RFC 3986 section 2.1.
enum PercentEncoding {
    /// The byte that the escape at `index` encodes; nil if there is no complete escape.
    static func byte(in bytes: [UInt8], at index: Int) -> UInt8? {
        guard index + 2 < bytes.count, let high = bytes[index + 1].hexValue, let low = bytes[index + 2].hexValue else {
            return nil
        }
        return high << 4 | low
    }
}
