import Crypto
package import Foundation
import NetworkAddress

/// Signs addresses that work without a token until they expire: HMAC-SHA256 over path, parameters and expiry, in hex.
/// What was signed with an older key of the sealer still verifies.
package struct SignedURL: Sendable {
    private let keys: [SymmetricKey]
    /// Seconds that a signed address of the portal works: a day.
    package static let lifetime: TimeInterval = 86_400

    package init(sealer: Sealer) { keys = sealer.derivedKeys(for: "signed-urls") }

    /// Why an address is not honoured.
    package enum Failure: Error, Equatable {
        /// Changed, or not signed by this portal, or a part is missing.
        case invalid
        case expired
    }

    /// The path with `parameters` (which need no escaping), `expires` (Unix time) and `signature` as its query.
    package func sign(_ path: String, _ parameters: KeyValuePairs<String, String> = [:], expires: Date) -> String {
        let target = Self.target(path, parameters, expires: String(Int(saturating: expires.timeIntervalSince1970)))
        return target + "&signature=" + signature(of: target)
    }

    /// The path, which holds no `?`, with `signature` as its query: an address that works for as long as its key.
    package func signForGood(_ path: String) -> String { path + "?signature=" + signature(of: path) }

    /// Whether `signForGood` signed the path; in constant time.
    package func isSignedForGood(_ path: String, signature: String?) -> Bool {
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

    /// Checks what a request for `path` brought; in constant time where the signature is concerned.
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
