internal import Crypto
internal import Foundation

/// The two login methods. RouterOS 6.43 and newer accept name and password. An older router responds to them with a
/// challenge and expects an MD5 digest of the challenge and the password.
package enum APILogin {
    /// The first sentence of both methods.
    package static func request(name: String, password: String) -> [String] {
        ["/login", "=name=\(name)", "=password=\(password)"]
    }

    /// The response to `challenge`. Returns nil unless `challenge` has 32 hexadecimal digits. MD5 is weak, but these
    /// routers support nothing else.
    package static func response(name: String, password: String, challenge: String) -> [String]? {
        let digits = challenge.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 32, challenge.utf8.count == 32 else { return nil }
        let bytes = stride(from: 0, to: 32, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        let digest = Insecure.MD5.hash(data: [0] + Array(password.utf8) + bytes)
        let hex = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return ["/login", "=name=\(name)", "=response=00\(hex)"]
    }
}
