import Captive

extension Store {
    func seal(_ secret: Secret, for purpose: String) -> SQLValue {
        .blob(sealer.seal(Array(secret.revealed.utf8), for: purpose))
    }

    func seal(_ secret: Secret?, for purpose: String) -> SQLValue {
        secret.map { seal($0, for: purpose) } ?? .null
    }

    /// Throws `StorageError.keyMissing` if no key opens it, or if it was sealed for another row.
    func open(_ sealed: [UInt8], for purpose: String) throws -> Secret {
        guard let bytes = sealer.open(sealed, for: purpose) else { throw StorageError.keyMissing(purpose) }
        return Secret(String(decoding: bytes, as: UTF8.self))
    }
}
