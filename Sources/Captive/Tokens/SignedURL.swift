import Crypto
package import Foundation
import NetworkAddress

/// Signs URLs that work without a token until they expire: HMAC-SHA256 over path, parameters and expiry, in hex.
/// Signatures with older keys of the sealer still verify.
package struct SignedURL: Sendable {
    private let keys: [SymmetricKey]
    /// Seconds for which a signed URL is valid: a day.
    package static let lifetime: TimeInterval = 86_400

    package init(sealer: Sealer) { keys = sealer.derivedKeys(for: "signed-urls") }

    /// Why a URL is refused.
    package enum Failure: Error, Equatable {
        /// The URL was altered, is not signed by this portal, or lacks a parameter.
        case invalid
        case expired
    }

    /// Returns the path with `parameters`, `expires` (Unix time) and `signature` as its query. Does not escape.
    package func sign(_ path: String, _ parameters: KeyValuePairs<String, String> = [:], expires: Date) -> String {
        let target = Self.target(path, parameters, expires: String(Int(saturating: expires.timeIntervalSince1970)))
        return target + "&signature=" + signature(of: target)
    }

    /// Returns the path, which must not contain `?`, with `signature` as its query. The URL is valid as long as its
    /// key.
    package func signPermanently(_ path: String) -> String { path + "?signature=" + signature(of: path) }

    /// Whether `signPermanently` signed the path. Takes constant time.
    package func isPermanentlySigned(_ path: String, signature: String?) -> Bool {
        guard let code = signature.flatMap(Self.bytes(hex:)) else { return false }
        return isValid(code, for: path)
    }

    private func signature(of target: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Array(target.utf8), using: keys[0])
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func isValid(_ code: [UInt8], for target: String) -> Bool {
        let target = Array(target.utf8)
        return keys.contains { HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: target, using: $0) }
    }

    /// Checks the parameters of a request for `path`. Compares the signature in constant time.
    package func check(
        _ path: String, _ parameters: KeyValuePairs<String, String> = [:], expires: String?, signature: String?,
        now: Date
    ) throws(Failure) {
        // Safe because it is only compared.
        guard let expires, let seconds = Int(expires), let code = signature.flatMap(Self.bytes(hex:)) else {
            throw .invalid
        }
        guard isValid(code, for: Self.target(path, parameters, expires: expires)) else { throw .invalid }
        guard now.timeIntervalSince1970 < Double(seconds) else { throw .expired }
    }

    private static func target(
        _ path: String, _ parameters: KeyValuePairs<String, String>, expires: String
    ) -> String {
        path + "?" + parameters.map { "\($0.key)=\($0.value)&" }.joined() + "expires=" + expires
    }

    private static func bytes(hex text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard text.utf8.count == 64, digits.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
