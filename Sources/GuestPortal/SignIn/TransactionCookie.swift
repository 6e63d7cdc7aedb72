import Captive
import Crypto
import Foundation
import HTTPServer

/// Ties a sign-in to the browser that began it: the state contains a digest of the cookie's value.
struct TransactionCookie: Equatable {
    private let value: String

    /// Reuses the browser's cookie if it has one, so that two sign-ins in two tabs do not invalidate each other.
    init(of request: Request, isSecure: Bool) {
        var generator = SystemRandomNumberGenerator()
        value =
            Self.value(in: request, isSecure: isSecure)
            ?? Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// The digest in the state.
    var digest: String { Self.digest(value) }

    /// The `Set-Cookie` field: scripts cannot read the cookie, forms of other sites do not send it, the redirect from
    /// the provider's page does.
    func field(isSecure: Bool) -> String {
        Self.name(isSecure) + "=" + value + Self.attributes(isSecure) + "; Max-Age=\(Self.lifetime)"
    }

    static func removal(isSecure: Bool) -> String { name(isSecure) + "=" + attributes(isSecure) + "; Max-Age=0" }

    /// Returns true if `request` comes from the browser with that digest.
    static func matches(_ digest: String, _ request: Request, isSecure: Bool) -> Bool {
        guard let value = value(in: request, isSecure: isSecure) else { return false }
        let (mine, theirs) = (Array(self.digest(value).utf8), Array(digest.utf8))
        return mine.count == theirs.count && zip(mine, theirs).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static let lifetime = 900

    /// A browser accepts a cookie with a `__Host-` name from this host only, and only over https (RFC 6265bis section
    /// 4.1.3.2).
    private static func name(_ isSecure: Bool) -> String { isSecure ? "__Host-portico-tx" : "portico-tx" }

    private static func attributes(_ isSecure: Bool) -> String {
        "; Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
    }

    private static func digest(_ value: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(value.utf8))))
    }

    private static func value(in request: Request, isSecure: Bool) -> String? {
        guard let value = request.cookie(named: name(isSecure)) else { return nil }
        return value.utf8.count == 43 && Base64URL.decode(value) != nil ? value : nil
    }
}
