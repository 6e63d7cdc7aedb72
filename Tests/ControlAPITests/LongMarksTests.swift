import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Testing

@testable import ControlAPI

/// Requests with long runs of combining marks, which take long to compare unless they are bounded.
struct LongMarksTests {
    private static let marks = String(repeating: "\u{301}\u{316}", count: 30_000)
    private static let escaped = String(repeating: #"\u0301\u0316"#, count: 30_000)

    @Test(arguments: [false, true]) func `names and values of a body are compared`(_ isEscaped: Bool) async throws {
        let marks = isEscaped ? Self.escaped : Self.marks
        let api = try await APIFixture()
        let names = [
            #"{"name":"y","strategy":"coupon","session_ttl":3600,"a\#(marks)":1}"#,
            #"{"name\#(marks)":"x","name":"y","strategy":"coupon","session_ttl":3600}"#,
            #"{"name":"y","strategy":"coupon","session_ttl":3600,"theme":{"a\#(marks)":1}}"#,
        ]
        for body in names {
            let answer = try await api.send(.post, "/captive/instances", body)
            #expect(answer.status == 400 && answer.text.contains("parameter_unknown"))
        }
        let twice = try await api.send(.post, "/captive/instances", #"{"a\#(marks)":1,"a\#(marks)":1}"#)
        #expect(twice.status == 400 && twice.text.contains("json_invalid"))
        let value = try await api.send(
            .post, "/captive/instances", #"{"name":"y","strategy":"coupon\#(marks)","session_ttl":3600}"#)
        #expect(value.status == 400 && value.text.contains("parameter_invalid"))
    }

    @Test func `names and values of a query are compared`() async throws {
        let api = try await APIFixture()
        let marks = String(repeating: "%CC%81%CC%96", count: 30_000)
        for query in ["limit\(marks)=1", "limit=1\(marks)"] {
            #expect(try await api.send(.get, "/captive/instances?\(query)").status == 400)
        }
    }

    @Test func `a token with such a header or claims is rejected`() async throws {
        let api = try await APIFixture()
        // Within the longest token that is taken.
        let marks = String(repeating: "\u{301}\u{316}", count: 700)
        let parts = api.token.split(separator: ".").map(String.init)
        let header = Base64URL.encode(Array(#"{"alg":"HS256","a\#(marks)":"x"}"#.utf8))
        let claims = Base64URL.encode(Array(#"{"sub":"a","a\#(marks)":"x"}"#.utf8))
        for token in ["\(header).\(parts[1]).\(parts[2])", "\(parts[0]).\(claims).\(parts[2])"] {
            let answer = try await api.send(.get, "/captive/instances", token: token)
            #expect(answer.status == 401 && answer.text.contains("token_invalid"))
        }
        #expect(try await api.send(.get, "/captive/instances").status == 200)
    }
}
