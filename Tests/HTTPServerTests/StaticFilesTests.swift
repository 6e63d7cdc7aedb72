import Foundation
import Testing

@testable import HTTPServer

struct StaticFilesTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "static-\(UUID().uuidString)")
    private let files: StaticFiles
    private let css = String(repeating: "body { color: red }\n", count: 100)

    init() throws {
        let (shipped, own) = (folder.appending(path: "shipped"), folder.appending(path: "own"))
        for directory in [shipped.appending(path: "css"), own, folder.appending(path: "secret")] {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        }
        try css.write(to: shipped.appending(path: "css/style.css"), atomically: true, encoding: .utf8)
        try "shipped".write(to: shipped.appending(path: "a.txt"), atomically: true, encoding: .utf8)
        try "shipped".write(to: shipped.appending(path: "b.txt"), atomically: true, encoding: .utf8)
        try "own".write(to: own.appending(path: "a.txt"), atomically: true, encoding: .utf8)
        try "hidden".write(to: shipped.appending(path: ".env"), atomically: true, encoding: .utf8)
        try "secret".write(to: folder.appending(path: "secret/key"), atomically: true, encoding: .utf8)
        let link = { (name: String, target: String) in
            try FileManager.default.createSymbolicLink(
                atPath: shipped.appending(path: name).path, withDestinationPath: target)
        }
        try link("leak", "../secret/key")
        try link("leaks", "../secret")
        try link("inside.txt", "b.txt")
        files = StaticFiles(directories: [own.path, shipped.path, folder.appending(path: "missing").path])
    }

    private func get(_ path: String, _ headers: Headers = [:], method: HTTPServer.Method = .get) -> Response {
        files.respond(to: Request(method: method, target: "/", headers: headers), path: path)
    }

    @Test func `the first directory that has a file wins`() {
        #expect(get("a.txt").bodyBytes == Array("own".utf8))
        #expect(get("/b.txt").bodyBytes == Array("shipped".utf8))
    }

    @Test(arguments: [
        "../secret/key", "/../secret/key", "css/../../secret/key", "leak", "leaks/key", ".env", "css/.", "css", "", "/",
        "none", "a.txt/", "a.txt\0", "..", "css/..",
    ]) func `hidden files, folders and files outside the directories are not served`(_ path: String) {
        #expect(get(path).status == (path == "a.txt/" ? .ok : .notFound))
    }

    @Test func `a symbolic link within the directory is followed`() {
        #expect(get("inside.txt").bodyBytes == Array("shipped".utf8))
    }

    @Test func `a compressible file is compressed for clients that accept gzip`() {
        let (plain, packed) = (get("css/style.css"), get("css/style.css", ["Accept-Encoding": "br, gzip"]))
        #expect(plain.headers["Content-Type"] == "text/css; charset=utf-8")
        #expect(plain.headers["Content-Encoding"] == nil)
        #expect(packed.headers["Content-Encoding"] == "gzip")
        #expect(packed.bodyBytes.starts(with: [0x1F, 0x8B]))
        #expect(packed.bodyBytes.count < plain.bodyBytes.count)
        #expect(plain.headers["Vary"] == "Accept-Encoding")
        #expect(plain.headers["ETag"] != packed.headers["ETag"])
    }

    @Test func `a client with the current file receives 304`() throws {
        let tag = try #require(get("a.txt").headers["ETag"])
        for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
            let response = get("a.txt", ["If-None-Match": known])
            #expect(response.status == .notModified)
            #expect(response.headers["ETag"] == tag)
        }
        #expect(get("a.txt", ["If-None-Match": "\"x\""]).status == .ok)
    }

    @Test func `only GET and HEAD are allowed`() {
        #expect(get("a.txt", method: .head).status == .ok)
        #expect(get("a.txt", method: .post).status == .methodNotAllowed)
        #expect(get("a.txt", method: .post).headers["Allow"] == "GET, HEAD")
    }

    @Test(arguments: [
        ("gzip", true), ("GZIP;q=0.5, br", true), ("*", true), ("x-gzip", true), ("gzip;q=0", false),
        ("gzip; q=0.000, *", false), ("br, deflate", false), ("", false), (nil, false), ("*;q=0", false),
        ("identity, *;q=0.1", true),
    ]) func `the weights of Accept-Encoding are applied`(_ field: String?, _ accepted: Bool) {
        #expect(Gzip.isAccepted(field) == accepted)
    }

    @Test(arguments: [0, 1, 100_000]) func `gzip restores the compressed bytes`(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) }
        let file = folder.appending(path: "\(count).gz")
        try Data(Gzip.compress(bytes)).write(to: file)
        let program = Process()
        let pipe = Pipe()
        program.executableURL = URL(filePath: "/bin/gzip")
        program.arguments = ["-dc", file.path]
        program.standardOutput = pipe
        try program.run()
        #expect(try pipe.fileHandleForReading.readToEnd().map(Array.init) ?? [] == bytes)
        program.waitUntilExit()
        #expect(program.terminationStatus == 0)
    }
}
