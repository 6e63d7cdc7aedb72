import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

/// The description that the API gives of itself.
struct DescriptionTests {
    private static func document(_ desk: Desk) async throws -> JSONValue {
        try await desk.send(.get, "/captive/openapi.json", token: "").json
    }

    @Test func `every route is described, and nothing else`() async throws {
        let desk = try await Desk()
        var described: Set<String> = []
        guard case .object(let paths)? = try await Self.document(desk)["paths"] else {
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
        #expect(described == Set(desk.api.routes.map { "\($0.method) \($0.pattern)" }))
    }

    @Test func `a client that has the description is not sent it again`() async throws {
        let desk = try await Desk()
        let first = try await desk.send(.get, "/captive/openapi.json", token: "")
        #expect(first.headers["Content-Type"] == "application/json")
        #expect(first.headers["Cache-Control"]?.contains("max-age") == true)
        let tag = try #require(first.headers["ETag"])
        let again = try await desk.send(.get, "/captive/openapi.json", token: "", headers: ["If-None-Match": tag])
        #expect(again.status == 304 && again.text.isEmpty)
    }

    @Test func `every call is named once and says what it does`() async throws {
        let document = try await Self.document(try await Desk())
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

    @Test func `what others depend on decides what a body may hold`() throws {
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
