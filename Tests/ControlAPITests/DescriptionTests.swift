import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

/// The OpenAPI document of the API.
struct DescriptionTests {
    private static func document(_ api: APIFixture) async throws -> JSONValue {
        try await api.send(.get, "/captive/openapi.json", token: "").json
    }

    @Test func `the description contains exactly the routes`() async throws {
        let api = try await APIFixture()
        var described: Set<String> = []
        guard case .object(let paths)? = try await Self.document(api)["paths"] else {
            Issue.record("no paths")
            return
        }
        for path in paths {
            for method in path.value.names {
                let note = path.value[method]?["description"]?.string ?? ""
                let older = note.matches(of: #/`(/[^`]+)`/#).map { String($0.output.1) }
                for pattern in [path.name] + older { described.insert("\(method.uppercased()) \(pattern)") }
            }
        }
        #expect(described == Set(api.controlAPI.routes.map { "\($0.method) \($0.pattern)" }))
    }

    @Test func `an unchanged description is not sent again`() async throws {
        let api = try await APIFixture()
        let first = try await api.send(.get, "/captive/openapi.json", token: "")
        #expect(first.headers["Content-Type"] == "application/json")
        #expect(first.headers["Cache-Control"]?.contains("max-age") == true)
        let tag = try #require(first.headers["ETag"])
        let again = try await api.send(.get, "/captive/openapi.json", token: "", headers: ["If-None-Match": tag])
        #expect(again.status == 304 && again.text.isEmpty)
    }

    @Test func `each call has a unique operation ID and a summary without full stop`() async throws {
        let document = try await Self.document(try await APIFixture())
        var names: [String] = []
        for path in document["paths"]?.names ?? [] {
            guard case .object(let paths)? = document["paths"], let item = paths.first(where: { $0.name == path })
            else { continue }
            for method in item.value.names {
                let operation = try #require(item.value[method])
                names.append(operation["operationId"]?.string ?? "")
                let summary = operation["summary"]?.string ?? ""
                #expect(!summary.isEmpty && !summary.hasSuffix("."))
            }
        }
        #expect(Set(names).count == names.count && !names.contains("") && names.count > 20)
    }

    @Test func `a discriminator determines the required fields`() throws {
        let schema = SchemaRecorder.schema(resource: nil, discriminator: "driver") { RouterChanges(from: &$0) }
        guard case .array(let choices)? = schema["oneOf"] else {
            Issue.record("no choices")
            return
        }
        let required = choices.map { choice in
            if case .array(let names)? = choice["required"] { names.map(\.string) } else { [String]() }
        }
        let routerOS = ["driver", "url", "username"]
        #expect(required == [routerOS, routerOS, ["driver"], ["driver"], ["driver"]])
    }
}
