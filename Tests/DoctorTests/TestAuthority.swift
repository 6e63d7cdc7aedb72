import Foundation
import HTTPServer
import Testing

/// A certificate authority that a test's devices trust, created in a temporary folder by the openssl program.
struct TestAuthority: Sendable {
    private let folder: URL

    var file: String { path("ca.pem") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "fixture-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try openssl(
            ["req", "-x509", "-days", "30", "-subj", "/CN=Test Root", "-keyout", path("ca.key"), "-out", file]
                + Self.key)
    }

    private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// A certificate signed by this authority, valid from now on.
    func certificate(for name: String, days: Int = 90) throws -> Server.TLSConfiguration {
        try Data("subjectAltName=DNS:\(name)".utf8).write(to: folder.appending(path: "names"))
        try openssl(
            ["req", "-new", "-subj", "/CN=\(name)", "-keyout", path("key.pem"), "-out", path("leaf.csr")] + Self.key)
        try openssl([
            "x509", "-req", "-days", "\(days)", "-in", path("leaf.csr"), "-CA", file, "-CAkey", path("ca.key"),
            "-CAcreateserial", "-extfile", path("names"), "-out", path("leaf.pem"),
        ])
        return Server.TLSConfiguration(certificateFile: path("leaf.pem"), keyFile: path("key.pem"))
    }

    /// A self-signed certificate.
    func selfSigned(for name: String) throws -> Server.TLSConfiguration {
        try openssl(
            [
                "req", "-x509", "-days", "90", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)",
                "-keyout",
                path("key.pem"), "-out", path("leaf.pem"),
            ] + Self.key)
        return Server.TLSConfiguration(certificateFile: path("leaf.pem"), keyFile: path("key.pem"))
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments.joined(separator: " "))")
    }
}
