/// Statements on `sign_ins` and `handovers`.
enum SignInSQL {
    static let take = "INSERT INTO sign_ins (id, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
    static let forget = "DELETE FROM sign_ins WHERE expires_at <= ?1"

    static let keepHandover = "INSERT INTO handovers (digest, message, expires_at) VALUES (?1, ?2, ?3)"
    static let handover = "SELECT message FROM handovers WHERE digest = ?1 AND expires_at > ?2"
    static let deleteHandover = "DELETE FROM handovers WHERE digest = ?1"
    static let forgetHandovers = "DELETE FROM handovers WHERE expires_at <= ?1"
}
