internal import Crypto
internal import Foundation

/// The two ways to log in. Since RouterOS 6.43 name and password are sent at once; an older router answers that with a
/// challenge, and wants its digest together with the password.
package enum APILogin {
    /// The first sentence, the same for both.
    package static func request(name: String, password: String) -> [String] {
        ["/login", "=name=\(name)", "=password=\(password)"]
    }

    /// The sentence that answers `challenge`, 32 hexadecimal digits; nil for anything else. MD5 is what these routers
    /// understand; it proves little, and is asked for by routers only that cannot do better.
    package static func response(name: String, password: String, challenge: String) -> [String]? {
        let digits = challenge.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 32, challenge.utf8.count == 32 else { return nil }
        let bytes = stride(from: 0, to: 32, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        let digest = Insecure.MD5.hash(data: [0] + Array(password.utf8) + bytes)
        let hex = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return ["/login", "=name=\(name)", "=response=00\(hex)"]
    }
}
