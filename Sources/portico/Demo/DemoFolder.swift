import Captive
import Crypto
import Foundation

/// Where a demo keeps what must outlive it: the database and the key that seals.
struct DemoFolder {
    let url: URL

    /// Makes the folder, readable by its owner only, if it is not there.
    init(_ url: URL) throws {
        self.url = url
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(
                "\(url.path(percentEncoded: false)): the folder cannot be made; choose another with --data")
        }
    }

    func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    /// The 32 bytes that this demo seals with; made at the first start.
    func key() throws -> [UInt8] {
        let path = path("secret.key")
        if let kept = FileManager.default.contents(atPath: path), kept.count == 32 { return Array(kept) }
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        guard FileManager.default.createFile(atPath: path, contents: Data(key), attributes: [.posixPermissions: 0o600])
        else {
            throw CommandFailure("\(path): cannot be written; choose another folder with --data")
        }
        return key
    }

    /// A password that stays the same for this demo, and tells nothing of the key.
    func secret(for purpose: String) throws -> String {
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: try key()), info: Data("demo \(purpose)".utf8), outputByteCount: 12)
        return derived.withUnsafeBytes { Base64URL.encode($0) }
    }
}
