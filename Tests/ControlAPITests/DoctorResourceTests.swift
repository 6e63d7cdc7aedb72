import Captive
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

/// `GET /captive/sites/{siteId}/doctor`.
@Suite struct DoctorResourceTests {
    private static let diagnosis = SiteDiagnosis(
        siteID: UUID(), siteName: "Inn", examinedAt: Date(timeIntervalSince1970: 1_800_000_000),
        findings: [
            Finding(
                .routerProbeHosts, .problem, "It is open.", subject: "ios", device: .ios, remedy: "Close it.",
                evidence: ["captive.apple.com"]), Finding(.portalAddress, .ok, "Well."),
        ])

    /// An answer that a test decides.
    private struct Examiner: SiteExaminer {
        let answer: @Sendable () throws -> SiteDiagnosis?
        func examine(_ siteID: UUID) async throws -> SiteDiagnosis? { try answer() }
    }

    private func ask(
        site: UUID? = nil, token: String? = nil, _ answer: @escaping @Sendable () throws -> SiteDiagnosis?
    ) async throws -> Answer {
        let desk = try await Desk(examiner: Examiner(answer: answer))
        let known = UUID()
        _ = try await desk.store.upsertSite(known, in: .default, now: Date()) { $0.name = "Inn" }
        return try await desk.send(.get, "/captive/sites/\((site ?? known).text)/doctor", token: token)
    }

    @Test func `a diagnosis is printed with its findings in order, and a verdict for each device`() async throws {
        let reply = try await ask { Self.diagnosis }
        #expect(reply.status == 200)
        #expect(reply.text("severity") == "problem" && reply.text("site_name") == "Inn")
        let text = String(decoding: ControlAPI.json(of: Self.diagnosis), as: UTF8.self)
        #expect(reply.text == text)
        #expect(
            text.contains(
                #"{"check":"router.probe-hosts","subject":"ios","device":"ios","severity":"problem","summary":"It is open.","remedy":"Close it.","evidence":["captive.apple.com"]}"#
            ))
        #expect(text.contains(#""device":"ios","name":"iPhone and iPad (iOS 14 and newer)","outcome":"fails""#))
        #expect(text.contains(#""device":"windows","name":"Windows 10 and 11","outcome":"works""#))
    }

    @Test func `a site that is being examined is answered with 429 and when to come again`() async throws {
        let reply = try await ask { throw SiteExaminationBusy(retryAfter: 15) }
        #expect(reply.status == 429)
        #expect(reply.text("code") == "rate_limited")
        #expect(reply.headers["Retry-After"] == "15")
    }

    @Test func `a site that the workspace does not have is not examined`() async throws {
        let reply = try await ask(site: UUID()) {
            Issue.record("it was examined")
            return nil
        }
        #expect(reply.status == 404)
    }

    @Test func `nobody is examined without a token`() async throws {
        #expect(try await ask(token: "") { Self.diagnosis }.status == 401)
    }
}
