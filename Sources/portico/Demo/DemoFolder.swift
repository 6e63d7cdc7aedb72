import Captive
import Crypto
import Foundation

/// The folder with a demo's persistent data: the database and the secret key.
struct DemoFolder {
    let url: URL

    /// Creates the folder, readable by its owner only, if it does not exist.
    init(_ url: URL) throws {
        self.url = url
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(
                "\(url.path(percentEncoded: false)): cannot create the folder; choose another with --data")
        }
    }

    func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    /// Returns the demo's secret key of 32 bytes, created at the first start.
    func key() throws -> [UInt8] {
        let path = path("secret.key")
        if let stored = FileManager.default.contents(atPath: path), stored.count == 32 { return Array(stored) }
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        guard FileManager.default.createFile(atPath: path, contents: Data(key), attributes: [.posixPermissions: 0o600])
        else {
            throw CommandFailure("\(path): cannot be written; choose another folder with --data")
        }
        return key
    }

    /// Returns a password that is the same at each start and does not reveal the key.
    func secret(for purpose: String) throws -> String {
        let derived = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: try key()), info: Data("demo \(purpose)".utf8), outputByteCount: 12)
        return derived.withUnsafeBytes { Base64URL.encode($0) }
    }
}
