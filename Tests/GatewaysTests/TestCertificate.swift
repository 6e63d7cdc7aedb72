import Foundation
import Testing

/// A self-signed certificate for 127.0.0.1 in a temporary folder, created with openssl.
struct TestCertificate {
    let folder: URL
    let pem: String
    /// The digest of the certificate's DER form.
    let sha256: [UInt8]

    var file: String { folder.appending(path: "cert.pem").path }
    var keyFile: String { folder.appending(path: "key.pem").path }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (cert, key) = (folder.appending(path: "cert.pem").path, folder.appending(path: "key.pem").path)
        _ = try Self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=router", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert)
        pem = try String(contentsOfFile: cert, encoding: .utf8)
        let digest = try Self.openssl("x509", "-in", cert, "-noout", "-fingerprint", "-sha256")
        let digits = digest.split(separator: "=").last?.split(separator: ":") ?? []
        sha256 = digits.compactMap { UInt8($0.prefix(2), radix: 16) }
        try #require(sha256.count == 32)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    private static func openssl(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}
