import Captive
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

struct ImageTests {
    /// A GIF of these dimensions with one picture of a pixel.
    static func gif(_ width: UInt8, _ height: UInt8) -> [UInt8] {
        Array("GIF89a".utf8) + [width, 0, height, 0, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]
    }

    /// A desk with an instance, and the instance's path.
    private func desk() async throws -> (Desk, String) {
        let desk = try await Desk()
        let made = try await desk.send(
            .post, "/captive/instances", #"{"name":"Lobby","strategy":"coupon","session_ttl":3600}"#)
        return (desk, "/captive/instances/\(made.text("id"))")
    }

    @Test func `a logo is accepted without a body, is in the theme at once, and is taken away`() async throws {
        let (desk, instance) = try await desk()
        let answer = try await desk.upload(instance + "/images/logo", [("file", Self.gif(120, 80))])
        #expect(answer.status == 202)
        #expect(answer.text.isEmpty)
        let theme = try await desk.send(.get, instance)
        let address = theme.text("theme.logo")
        #expect(address.hasPrefix("https://portal.example/captive/assets/"))
        #expect(address.contains("/logo.gif?signature="))
        #expect(theme.json["theme.icon"] == .null)
        #expect(try await desk.send(.put, instance, theme.text).text("theme.logo") == address, "sent back as printed")
        #expect(try await desk.send(.delete, instance + "/images/logo").status == 204)
        #expect(try await desk.send(.get, instance).json["theme.logo"] == .null)
        #expect(try await desk.send(.delete, instance + "/images/logo").status == 404)
    }

    @Test func `the older path takes an icon`() async throws {
        let (desk, instance) = try await desk()
        let older = instance.replacing("/captive", with: "")
        #expect(try await desk.upload(older + "/images/icon", [("file", Self.gif(32, 32))]).status == 202)
        #expect(try await desk.send(.get, instance).text("theme.icon").contains("/icon.gif?signature="))
        #expect(try await desk.send(.delete, older + "/images/icon").status == 204)
    }

    @Test(
        arguments: [
            ("logo", gif(119, 80), 400, "120 x 80"), ("icon", gif(40, 33), 400, "square"),
            ("logo", gif(0, 80), 400, "damaged"), ("logo", Array("GIF89a".utf8), 400, "ends too early"),
            ("logo", Array("<svg xmlns='x'/>".utf8), 415, "SVG"), ("logo", Array("hello".utf8), 415, "PNG"),
            ("logo", [], 400, "empty"), ("logo", [UInt8](repeating: 0, count: Image.largestFile + 1), 413, "1 MiB"),
        ] as [(String, [UInt8], Int, String)])
    func `what is no such image is refused, and told why`(
        kind: String, file: [UInt8], status: Int, named: String
    ) async throws {
        let (desk, instance) = try await desk()
        let answer = try await desk.upload("\(instance)/images/\(kind)", [("file", file)])
        #expect(answer.status == status)
        #expect(answer.text("message").contains(named))
        #expect(try await desk.send(.get, instance).json["theme.\(kind)"] == .null)
    }

    @Test func `a form that is not one part called file is refused`() async throws {
        let (desk, instance) = try await desk()
        let (target, picture) = (instance + "/images/logo", Self.gif(120, 80))
        #expect(
            try await desk.upload(target, [("file", picture), ("file", picture)]).text("code") == "parameter_invalid")
        #expect(try await desk.upload(target, [("logo", picture)]).text("code") == "parameter_unknown")
        #expect(try await desk.upload(target, []).status == 400)
        #expect(try await desk.send(.post, target, "{}").status == 415)
    }

    @Test func `there are a logo and an icon, of instances that the caller has`() async throws {
        let (desk, instance) = try await desk()
        let token = try await desk.token(try #require(Workspace(rawValue: "other")))
        let form = [("file", Self.gif(120, 120))]
        #expect(try await desk.upload(instance + "/images/banner", form).status == 404)
        #expect(try await desk.upload(instance + "/images/logo", form, token: token).status == 404)
        #expect(try await desk.upload("/captive/instances/\(UUID().text)/images/logo", form).status == 404)
        #expect(try await desk.send(.get, instance).json["theme.logo"] == .null)
    }
}
