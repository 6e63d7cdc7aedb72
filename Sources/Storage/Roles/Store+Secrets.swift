import Captive

extension Store {
    /// An unreadable secret keeps its sealed form: it can be opened when its key is configured again.
    func seal(_ secret: Secret, for purpose: String) -> SQLValue {
        .blob(secret.sealedForm ?? sealer.seal(Array((secret.revealed ?? "").utf8), for: purpose))
    }

    func seal(_ secret: Secret?, for purpose: String) -> SQLValue {
        secret.map { seal($0, for: purpose) } ?? .null
    }

    /// Returns an unreadable secret if no key opens it, or if it was sealed for another row: one row must not make
    /// others unusable.
    func open(_ sealed: [UInt8], for purpose: String) -> Secret {
        guard let bytes = sealer.open(sealed, for: purpose) else { return Secret(unreadable: sealed) }
        return Secret(String(decoding: bytes, as: UTF8.self))
    }
}
