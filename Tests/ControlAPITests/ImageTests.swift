import Captive
import Foundation
import HTTPServer
import Images
import Storage
import Testing

@testable import ControlAPI

struct ImageTests {
    /// A GIF of these dimensions with a frame of one pixel.
    static func gif(_ width: UInt8, _ height: UInt8) -> [UInt8] {
        Array("GIF89a".utf8) + [width, 0, height, 0, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]
    }

    /// A fixture with an instance, and the instance's path.
    private func api() async throws -> (APIFixture, String) {
        let api = try await APIFixture()
        let made = try await api.send(
            .post, "/captive/instances", #"{"name":"Lobby","strategy":"coupon","session_ttl":3600}"#)
        return (api, "/captive/instances/\(made.text("id"))")
    }

    @Test func `a logo is uploaded, appears in the theme and is deleted`() async throws {
        let (api, instance) = try await api()
        let response = try await api.upload(instance + "/images/logo", [("file", Self.gif(120, 80))])
        #expect(response.status == 202)
        #expect(response.text.isEmpty)
        let theme = try await api.send(.get, instance)
        let address = theme.text("theme.logo")
        #expect(address.hasPrefix("https://portal.example/captive/assets/"))
        #expect(address.contains("/logo.gif?signature="))
        #expect(theme.json["theme.icon"] == .null)
        #expect(try await api.send(.put, instance, theme.text).text("theme.logo") == address, "sent back unchanged")
        #expect(try await api.send(.delete, instance + "/images/logo").status == 204)
        #expect(try await api.send(.get, instance).json["theme.logo"] == .null)
        #expect(try await api.send(.delete, instance + "/images/logo").status == 404)
    }

    @Test func `the legacy path accepts an icon`() async throws {
        let (api, instance) = try await api()
        let older = instance.replacing("/captive", with: "")
        #expect(try await api.upload(older + "/images/icon", [("file", Self.gif(32, 32))]).status == 202)
        #expect(try await api.send(.get, instance).text("theme.icon").contains("/icon.gif?signature="))
        #expect(try await api.send(.delete, older + "/images/icon").status == 204)
    }

    @Test(
        arguments: [
            ("logo", gif(119, 80), 400, "120 x 80"), ("icon", gif(40, 33), 400, "square"),
            ("logo", gif(0, 80), 400, "damaged"), ("logo", Array("GIF89a".utf8), 400, "ends too early"),
            ("logo", Array("<svg xmlns='x'/>".utf8), 415, "SVG"), ("logo", Array("hello".utf8), 415, "PNG"),
            ("logo", [], 400, "empty"), ("logo", [UInt8](repeating: 0, count: Image.largestFile + 1), 413, "1 MiB"),
        ] as [(String, [UInt8], Int, String)])
    func `an invalid image is rejected with a reason`(
        kind: String, file: [UInt8], status: Int, named: String
    ) async throws {
        let (api, instance) = try await api()
        let response = try await api.upload("\(instance)/images/\(kind)", [("file", file)])
        #expect(response.status == status)
        #expect(response.text("message").contains(named))
        #expect(try await api.send(.get, instance).json["theme.\(kind)"] == .null)
    }

    @Test func `a form without exactly one part named file is rejected`() async throws {
        let (api, instance) = try await api()
        let (target, picture) = (instance + "/images/logo", Self.gif(120, 80))
        #expect(
            try await api.upload(target, [("file", picture), ("file", picture)]).text("code") == "parameter_invalid")
        #expect(try await api.upload(target, [("logo", picture)]).text("code") == "parameter_unknown")
        #expect(try await api.upload(target, []).status == 400)
        #expect(try await api.send(.post, target, "{}").status == 415)
    }

    @Test func `only logo and icon of the workspace's own instances exist`() async throws {
        let (api, instance) = try await api()
        let token = try await api.token(try #require(Workspace(rawValue: "other")))
        let form = [("file", Self.gif(120, 120))]
        #expect(try await api.upload(instance + "/images/banner", form).status == 404)
        #expect(try await api.upload(instance + "/images/logo", form, token: token).status == 404)
        #expect(try await api.upload("/captive/instances/\(UUID().text)/images/logo", form).status == 404)
        #expect(try await api.send(.get, instance).json["theme.logo"] == .null)
    }
}
