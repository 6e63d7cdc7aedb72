import Testing

@testable import HTTPServer

@Suite struct MultipartFormTests {
    private static let file: [UInt8] = [0x89, 0x50, 0x0D, 0x0A, 0x2D, 0x2D, 0x0D, 0x0A, 0x00, 0xFF]

    private func form(_ body: [UInt8], _ type: String = "multipart/form-data; boundary=abc") throws -> MultipartForm {
        try MultipartForm(Request(method: .post, target: "/", headers: ["Content-Type": type], body: body))
    }

    private func part(_ fields: String, _ content: [UInt8] = Self.file) -> [UInt8] {
        Array("--abc\r\n\(fields)\r\n\r\n".utf8) + content + Array("\r\n".utf8)
    }

    private func status(_ body: [UInt8], _ type: String = "multipart/form-data; boundary=abc") -> Int? {
        do {
            _ = try form(body, type)
            return nil
        } catch {
            return (error as? HTTPError)?.status.rawValue
        }
    }

    private let end = Array("--abc--\r\n".utf8)
    private static let named = "Content-Disposition: form-data; name=\"file\"; filename=\"logo.png\""

    @Test func `a file's content is unchanged`() throws {
        let body = part(Self.named + "\r\nContent-Type: image/png") + end
        let part = try #require(try form(body).parts.first)
        #expect(part.name == "file")
        #expect(part.fileName == "logo.png")
        #expect(part.mediaType == "image/png")
        #expect(Array(part.content) == Self.file)
    }

    @Test func `parts keep their order, and content may be empty`() throws {
        let body = part("Content-Disposition: form-data; name=a", []) + part(Self.named) + end
        let parts = try form(body).parts
        #expect(parts.map(\.name) == ["a", "file"])
        #expect(parts[0].content.isEmpty)
        #expect(parts[0].fileName == nil)
    }

    @Test(
        arguments: [
            "multipart/form-data; boundary=abc", "Multipart/Form-Data ; Boundary=\"abc\"",
            "multipart/form-data;charset=utf-8;boundary=abc", "multipart/form-data; boundary=\"a\\bc\"",
        ])
    func `all valid forms of the boundary parameter are accepted`(type: String) throws {
        #expect(try form(part(Self.named) + end, type).parts.count == 1)
    }

    @Test(
        arguments: [
            ("application/json", 415), ("", 415), ("multipart/mixed; boundary=abc", 415), ("multipart/form-data", 400),
            ("multipart/form-data; boundary=", 415), ("multipart/form-data; boundary=\"\"", 400),
            ("multipart/form-data; boundary=\"abc", 415), ("multipart/form-data; boundary=abc; boundary=x", 415),
            ("multipart/form-data; boundary=\"abc \"", 400), ("multipart/form-data; boundary=a\u{e9}c", 415),
            ("multipart/form-data; boundary=\"\(String(repeating: "a", count: 71))\"", 400),
        ])
    func `a content type without a valid boundary is refused`(type: String, expected: Int) {
        #expect(status(part(Self.named) + end, type) == expected)
    }

    @Test(
        arguments: [
            "", "--abc", "--abc--", "--abc--\r\n", "--abd\r\n", "preamble\r\n--abc--\r\n", "--abc\r\n--abc--\r\n",
            "--abc\r\n\r\nx\r\n--abc--\r\n", "--abc\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx",
            "--abc\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--abc",
            "--abc\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--abcd\r\n",
            "--abc\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n--abc-- epilogue",
            "--abc\nContent-Disposition: form-data; name=\"f\"\n\nx\n--abc--\n",
            "--abc\r\nContent-Disposition: form-data\r\n\r\nx\r\n--abc--",
            "--abc\r\nContent-Disposition: attachment; name=\"f\"\r\n\r\nx\r\n--abc--",
            "--abc\r\nContent-Disposition: form-data; name=\"f\r\n\r\nx\r\n--abc--",
            "--abc\r\nContent-Disposition: form-data; name=\"f\"; name=\"g\"\r\n\r\nx\r\n--abc--",
            "--abc\r\nContent-Disposition: form-data; name=\"f\" g\r\n\r\nx\r\n--abc--",
            "--abc\r\nContent-Disposition: form-data; name=\"f\"\r\nContent-Disposition: form-data\r\n\r\nx\r\n--abc--",
            "--abc\r\nContent-Disposition: form-data; name=\"f\"\r\nno field\r\n\r\nx\r\n--abc--",
            "--abc\r\nContent-Disposition: form-data; name=\"f\"\r\n : x\r\n\r\nx\r\n--abc--",
            "--abc\r\nContent-Disposition: form-data; name=\"f\"\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--abc--",
        ])
    func `a malformed body is refused`(text: String) { #expect(status(Array(text.utf8)) == 400) }

    @Test func `too many parts and too many fields are refused`() {
        let parts = (0..<17).flatMap { _ in part(Self.named, []) }
        #expect(status(parts + end) == 400)
        let fields = Self.named + "\r\nX: " + String(repeating: "x", count: 5_000)
        #expect(status(part(fields) + end) == 400)
    }

    @Test func `a truncated body is refused`() {
        let body = part(Self.named) + Array("--abc--".utf8)
        for length in 0..<body.count { #expect(status(Array(body[..<length])) == 400, "\(length)") }
    }

    @Test func `content that resembles the boundary is accepted`() {
        let almost = Array(repeating: Array("\r\n--ab".utf8), count: 20_000).flatMap(\.self)
        #expect(status(part(Self.named, almost) + end) == nil)
    }
}
