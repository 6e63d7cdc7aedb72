import Captive
import Foundation
import HTTPServer

/// A browser's mark of the session that its guest has begun or gone on with. It shows that the session is this guest's,
/// and lets it go on when the device's MAC address has changed, with nothing to type; a browser that keeps none has the
/// resume code.
///
/// Sealed, so it tells nobody anything and cannot be made up; good until the session ends or moves.
enum StayCookie {
    static func message(of session: GuestSession) -> [UInt8] {
        var writer = MessageWriter()
        writer.write(session.id)
        writer.write(UInt64(session.moves))
        return writer.bytes
    }

    /// Nil unless `message` is such a mark's.
    static func mark(in message: [UInt8]) -> Ownership.Mark? {
        var reader = MessageReader(message)
        guard let sessionID = reader.readUUID(), let moves = reader.readUInt64().flatMap(Int.init(exactly:)) else {
            return nil
        }
        return Ownership.Mark(sessionID: sessionID, moves: moves)
    }

    /// A `__Host-` name takes a cookie from this host alone, and only over https (RFC 6265bis section 4.1.3.2).
    static func name(isSecure: Bool) -> String { isSecure ? "__Host-portico-stay" : "portico-stay" }

    /// `Set-Cookie`: not readable by scripts, not sent by other sites' forms, sent along when a router leads back here.
    static func field(_ value: String, seconds: Int, isSecure: Bool) -> String {
        name(isSecure: isSecure) + "=\(value); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(seconds)"
            + (isSecure ? "; Secure" : "")
    }
}

extension Request {
    /// The value of the cookie of that name; nil if there is none, or more than one.
    func cookie(named name: String) -> String? {
        let start = name + "="
        let values = headers.values("Cookie").flatMap { $0.split(separator: ";") }
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.hasPrefix(start) }
        return values.count == 1 ? String(values[0].dropFirst(start.count)) : nil
    }
}

extension GuestTokens {
    /// The field that marks the browser of a session's guest until `session` ends.
    func stayCookie(of session: GuestSession, now: Date, isSecure: Bool) -> String {
        StayCookie.field(
            stay.make(StayCookie.message(of: session), expires: session.expiresAt),
            seconds: session.secondsLeft(at: now), isSecure: isSecure)
    }

    /// The session that the request's browser is marked with.
    func openStay(of request: Request, now: Date, isSecure: Bool) -> Ownership.Mark? {
        request.cookie(named: StayCookie.name(isSecure: isSecure)).flatMap { try? stay.open($0, now: now) }
            .flatMap(StayCookie.mark(in:))
    }
}
