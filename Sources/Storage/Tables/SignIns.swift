package import Captive
import Crypto
package import Foundation

extension Store {
    /// Records durably that the response of a sign-in was used. Returns false if it was used before. The record may be
    /// deleted after `expires`, when the sign-in can no longer be finished.
    package func take(_ transactionID: UUID, expires: Date, now: Date) async throws -> Bool {
        try await guests.write { connection in
            try connection.execute(SignInSQL.deleteOld, [.date(now)])
            return try connection.execute(SignInSQL.take, [.id(transactionID), .date(expires)]) == 1
        }
    }

    /// Applies `SessionLifecycle.admit` in one transaction. Returns once it is on disk.
    package func admit(_ admission: Admission) async throws -> Admission.Outcome {
        try await change { connection in
            var admission = admission
            admission.now = admission.now.kept
            let device = SiteDevice(siteID: admission.siteID, mac: admission.client.mac)
            var lifecycle = try Self.lifecycle(of: device, resumeCodes, now: admission.now, connection)
            let outcome = lifecycle.admit(admission)
            return (outcome, try write(lifecycle, connection))
        }
    }
}

extension Store {
    /// The message of a hand-over is stored sealed, and its code as a digest.
    static let handoverPurpose = "handovers.message"

    /// Stores `message` until `expires`. The code is not stored, and cannot be derived from the stored data.
    package func keepHandover(_ code: HandoverCode, _ message: [UInt8], expires: Date, now: Date) async throws {
        let row: [SQLValue] = [
            Self.digest(code), .blob(sealer.seal(message, for: Self.handoverPurpose)), .date(expires),
        ]
        try await guests.write { connection in
            try connection.execute(SignInSQL.forgetHandovers, [.date(now)])
            try connection.execute(SignInSQL.keepHandover, row)
        }
    }

    /// Returns the message once; nil if the code is unknown, used or expired.
    package func takeHandover(_ code: HandoverCode, now: Date) async throws -> [UInt8]? {
        let digest = Self.digest(code)
        let kept: [UInt8]? = try await guests.write { connection in
            guard let row = try connection.row(SignInSQL.handover, [digest, .date(now)]) else { return nil }
            guard try connection.execute(SignInSQL.deleteHandover, [digest]) == 1 else { return nil }
            guard case .blob(let bytes)? = row.values.first else { return nil }
            return bytes
        }
        return kept.flatMap { sealer.open($0, for: Self.handoverPurpose) }
    }

    private static func digest(_ code: HandoverCode) -> SQLValue {
        .blob(Array(SHA256.hash(data: Array(code.rawValue.utf8))))
    }
}

/// Statements on `sign_ins` and `handovers`.
enum SignInSQL {
    static let take = "INSERT INTO sign_ins (id, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    static let deleteOld = "DELETE FROM sign_ins WHERE expires_at <= ?1"

    static let keepHandover = "INSERT INTO handovers (digest, message, expires_at) VALUES (?1, ?2, ?3)"
    static let handover = "SELECT message FROM handovers WHERE digest = ?1 AND expires_at > ?2"
    static let deleteHandover = "DELETE FROM handovers WHERE digest = ?1"
    static let forgetHandovers = "DELETE FROM handovers WHERE expires_at <= ?1"
}
