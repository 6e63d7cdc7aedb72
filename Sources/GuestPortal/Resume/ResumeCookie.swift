import Captive
import Foundation
import HTTPServer

/// The resume cookie: it names the session that the browser's guest began or resumed. It proves that the session
/// belongs to this guest, and resumes it without any input when the device's MAC address has changed. A guest whose
/// browser keeps no cookies has the resume code.
///
/// It is sealed, so it cannot be read or forged; valid until the session ends or moves.
enum ResumeCookie {
    static func message(of session: GuestSession) -> [UInt8] {
        var writer = MessageWriter()
        writer.write(session.id)
        writer.write(UInt64(session.moves))
        return writer.bytes
    }

    /// Returns nil unless `message` is the content of a resume cookie.
    static func mark(in message: [UInt8]) -> Ownership.Mark? {
        var reader = MessageReader(message)
        guard let sessionID = reader.readUUID(), let moves = reader.readUInt64().flatMap(Int.init(exactly:)) else {
            return nil
        }
        return Ownership.Mark(sessionID: sessionID, moves: moves)
    }

    /// A browser accepts a cookie with a `__Host-` name from this host only, and only over https (RFC 6265bis section
    /// 4.1.3.2).
    static func name(isSecure: Bool) -> String { isSecure ? "__Host-portico-stay" : "portico-stay" }

    /// The `Set-Cookie` field: scripts cannot read the cookie, forms of other sites do not send it, redirects by a
    /// router do.
    static func field(_ value: String, seconds: Int, isSecure: Bool) -> String {
        name(isSecure: isSecure) + "=\(value); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(seconds)"
            + (isSecure ? "; Secure" : "")
    }
}

extension Request {
    /// Returns the value of the cookie of that name; nil if there is none, or more than one.
    func cookie(named name: String) -> String? {
        let start = name + "="
        let values = headers.values("Cookie").flatMap { $0.split(separator: ";") }
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.hasPrefix(start) }
        return values.count == 1 ? String(values[0].dropFirst(start.count)) : nil
    }
}

extension GuestTokens {
    /// Returns the field that sets the guest's resume cookie, valid until `session` ends.
    func resumeCookie(of session: GuestSession, now: Date, isSecure: Bool) -> String {
        ResumeCookie.field(
            stay.make(ResumeCookie.message(of: session), expires: session.expiresAt),
            seconds: session.secondsLeft(at: now), isSecure: isSecure)
    }

    /// Returns the content of the request's resume cookie.
    func openStay(of request: Request, now: Date, isSecure: Bool) -> Ownership.Mark? {
        request.cookie(named: ResumeCookie.name(isSecure: isSecure)).flatMap { try? stay.open($0, now: now) }
            .flatMap(ResumeCookie.mark(in:))
    }
}
