import NetworkAddress
import Testing

@testable import HTTPServer

/// Requests with long runs of combining marks, which take long to compare unless they are bounded.
@Suite struct LongMarksTests {
    private static let marks = String(repeating: "\u{301}\u{316}", count: 30_000)
    private static let safe = marks.streamSafe

    @Test(arguments: ["x", "m", "mac"]) func `a form's names are compared`(_ start: String) throws {
        let body = "\(start)\(Self.marks)=1&mac=\(start)\(Self.marks)&mac=2"
        let request = Request(
            method: .post, target: "/", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Array(body.utf8))
        let fields = try request.formFields()
        #expect(fields.all.count == 3 && fields["x"] == nil)
        #expect(fields["mac"]?.utf8.elementsEqual((start + Self.safe).utf8) == true)
        #expect(fields["mac"] != "1" && fields.values("mac").count == 2)
    }

    @Test func `a query's names are compared`() {
        let escaped = String(repeating: "%CC%81%CC%96", count: 30_000)
        let request = Request(method: .get, target: "/a\(escaped)?x\(escaped)=1&x=y\(escaped)")
        #expect(request.queryValue("x")?.utf8.elementsEqual(("y" + Self.safe).utf8) == true)
        #expect(request.queryParameters()["x"] != "y" && request.queryParameters()["y"] == nil)
        #expect(request.path.utf8.elementsEqual(("/a" + Self.safe).utf8) && request.path != "/a")
    }

    @Test func `a header's words are compared`() throws {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nContent-Type: a\(Self.marks)\r\n\r\n".utf8)
        let type = try #require(try RequestHead(bytes).headers["Content-Type"])
        #expect(type != "a" && type.lowercased().split(separator: ";").count == 1)
    }

    @Test func `a part's parameters are compared`() throws {
        // As many as a part's header has room for.
        let marks = String(repeating: "\u{301}\u{316}", count: 900)
        let fields = "Content-Disposition: form-data; name=\"a\(marks)\""
        let body = "--abc\r\n\(fields)\r\n\r\n\r\n--abc--\r\n"
        let request = Request(
            method: .post, target: "/", headers: ["Content-Type": "multipart/form-data; boundary=abc"],
            body: Array(body.utf8))
        let name = try #require(try MultipartForm(request).parts.first?.name)
        #expect(name.utf8.elementsEqual(("a" + marks.streamSafe).utf8))
    }

    @Test func `blanks are trimmed around flags, whose boundaries depend on those before`() {
        let flags = String(repeating: "\u{1F1E9}\u{1F1EA}", count: 30_000)
        #expect(" \t\(flags) \t".trimmingBlanks.utf8.elementsEqual(flags.utf8))
        #expect("a é ".trimmingBlanks == "a é" && " \t".trimmingBlanks == "" && "".trimmingBlanks == "")
    }
}
