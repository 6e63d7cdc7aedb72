import Captive
import Doctor
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

    /// Returns the result that a test sets.
    private struct Examiner: SiteExaminer {
        let result: @Sendable () throws -> SiteDiagnosis?
        func examine(_ siteID: UUID) async throws -> SiteDiagnosis? { try result() }
    }

    private func ask(
        site: UUID? = nil, token: String? = nil, _ result: @escaping @Sendable () throws -> SiteDiagnosis?
    ) async throws -> APIResponse {
        let api = try await APIFixture(examiner: Examiner(result: result))
        let known = UUID()
        _ = try await api.store.upsertSite(known, in: .default, now: Date()) { $0.name = "Inn" }
        return try await api.send(.get, "/captive/sites/\((site ?? known).text)/doctor", token: token)
    }

    @Test func `a diagnosis has its findings in order and an outcome for each device`() async throws {
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

    @Test func `a check in progress causes 429 with Retry-After`() async throws {
        let reply = try await ask { throw SiteExaminationBusy(retryAfter: 15) }
        #expect(reply.status == 429)
        #expect(reply.text("code") == "rate_limited")
        #expect(reply.headers["Retry-After"] == "15")
    }

    @Test func `a site of another workspace is not checked`() async throws {
        let reply = try await ask(site: UUID()) {
            Issue.record("the site was checked")
            return nil
        }
        #expect(reply.status == 404)
    }

    @Test func `a check requires a token`() async throws {
        #expect(try await ask(token: "") { Self.diagnosis }.status == 401)
    }
}
