import NetworkAddress
import Testing

@testable import HTTPServer

struct RequestTests {
    @Test func `a request from parts has the same properties as a received one`() {
        let request = Request(
            method: .post, target: "/a%20b?x=1&y=%2B+z", headers: ["Host": "Portal.example"], body: [1],
            client: .loopback, isSecure: true)
        #expect(request.path == "/a b")
        #expect(request.rawTarget == "/a%20b?x=1&y=%2B+z")
        #expect(request.query == "x=1&y=%2B+z")
        #expect(request.authority == "portal.example")
        #expect(request.isSecure)
        #expect(request.client == .loopback)
    }

    @Test func `rawTarget has the origin form of an absolute target`() throws {
        let head = try RequestHead(Array("GET http://a?x=1 HTTP/1.1\r\nHost: b\r\n\r\n".utf8))
        #expect(head.rawTarget == "/?x=1")
        #expect(head.path == "/")
    }

    @Test(arguments: [
        ("x", "1"), ("y", "+ z"), ("empty", ""), ("bare", ""), ("na me", "é"), ("twice", "first"), ("none", nil),
        ("stray", "100%"), ("odd", "a=b"),
    ]) func `queryValue returns the first decoded value`(_ name: String, _ value: String?) {
        let target = "/?x=1&y=%2B+z&empty=&bare&na+me=%C3%A9&twice=first&twice=second&stray=100%&odd=a=b&&"
        let request = Request(method: .get, target: target)
        #expect(request.queryValue(name) == value)
        #expect(request.queryParameters()[name] == value)
    }

    @Test func `repeated parameters keep their order`() {
        let fields = Request(method: .get, target: "/?a=2&b=3&a=1").queryParameters()
        #expect(fields.values("a") == ["2", "1"])
        #expect(fields.all.map(\.name) == ["a", "b", "a"])
    }

    @Test func `a form is parsed only with the content type of a form`() throws {
        let type = "application/x-www-form-urlencoded; charset=utf-8"
        let form = Request(method: .post, target: "/", headers: ["Content-Type": type], body: Array("code=AB+C".utf8))
        #expect(try form.formFields()["code"] == "AB C")
        let json = Request(method: .post, target: "/", headers: ["Content-Type": "application/json"])
        #expect(throws: HTTPError.self) { try json.formFields() }
        let garbage = Request(method: .post, target: "/", headers: ["Content-Type": type], body: [0xFF])
        #expect(throws: HTTPError.self) { try garbage.formFields() }
    }

    @Test func `field names are case-insensitive, and fields keep their order`() {
        var headers: Headers = ["A": "1", "b": "2"]
        headers.add("a", "3")
        #expect(headers["a"] == "1")
        #expect(headers.values("A") == ["1", "3"])
        headers["B"] = "4"
        #expect(headers.fields.map(\.value) == ["1", "3", "4"])
        headers["a"] = nil
        #expect(headers.fields.map(\.name) == ["B"])
    }

    @Test(arguments: ["127.0.0.1:8080", "[::1]:0", "[2001:db8::1]:65535"])
    func `a socket address is formatted as it is parsed`(_ text: String) {
        #expect(SocketAddress(text)?.description == text)
    }

    @Test(arguments: ["127.0.0.1", "::1:80", "[127.0.0.1]:80", "127.0.0.1:65536", "127.0.0.1:", "a:80", "127.0.0.1:+8"])
    func `an invalid socket address is refused`(_ text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test func `the page of a redirect links to its escaped target`() {
        let response = Response.redirect(.seeOther, to: "/?a=1&b=\"<x>")
        let page = String(decoding: response.bodyBytes, as: UTF8.self)
        #expect(page.contains("href=\"/?a=1&amp;b=&quot;&lt;x&gt;\""))
        #expect(response.headers["Location"] == "/?a=1&b=\"<x>")
    }

    @Test func `a changed prepared response is serialised again`() {
        var response = Response.prepared(PreparedResponse(.text(.ok, "a")))
        #expect(response.prepared != nil)
        response.headers.add("X", "y")
        #expect(response.prepared == nil)
        #expect(response.bodyBytes == Array("a".utf8))
    }

    @Test func `a date has the form of RFC 9110`() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
