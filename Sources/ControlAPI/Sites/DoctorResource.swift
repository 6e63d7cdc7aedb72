import Captive
package import Doctor
import Storage

/// `/sites/{siteId}/doctor`. Has no legacy path.
struct DoctorResource {
    let store: Store
    let examiner: any SiteExaminer

    var section: Section {
        Section(
            "Portal doctor", "Simulates how guests' devices reach a site's portal, and reports problems with fixes.",
            [
                .get(
                    "/sites/{siteId}/doctor", legacy: [], "examineSite",
                    "Check a site as its devices would meet it; takes up to 15 s, one check per site at a time",
                    .one(SiteDiagnosis.shape), errors: [.rateLimited], examine)
            ])
    }

    @Sendable private func examine(_ call: Call) async throws -> SiteDiagnosis {
        let id = try call.id("siteId")
        guard try await store.site(id, in: call.workspace) != nil, let diagnosis = try await examiner.examine(id) else {
            throw APIError.notFound("site")
        }
        return diagnosis
    }
}

extension ControlAPI {
    /// The JSON of a diagnosis, for the `doctor` command.
    package static func json(of diagnosis: SiteDiagnosis) -> [UInt8] { SiteDiagnosis.shape.json(diagnosis).bytes }
}

extension SiteDiagnosis: Shaped {
    static let shape = Shape<SiteDiagnosis>(
        "SiteDiagnosis",
        [
            .init("site_id", "The site's ID.") { $0.siteID },
            .init("site_name", "The site's name.") { $0.siteName },
            .init("examined_at", "When the site was checked.") { $0.examinedAt },
            .init("severity", "The greatest severity of the findings.") { $0.severity },
            .init("findings", "The result of each check.") { $0.findings },
            .init("devices", "The outcome for each kind of device.") { $0.devices },
        ])
}

extension Finding: Shaped {
    static let shape = Shape<Finding>(
        "Finding",
        [
            .init("check", "The name of the check; docs/doctor.md explains each.") { $0.check },
            .init("subject", "The network, integration or device that was checked; null for the whole site.") {
                $0.subject
            },
            .init("device", "The kind of device that is affected; null for all.") { $0.device },
            .init(
                "severity",
                "`ok`, `advice`, `warning` (some guests are affected) or `problem` (some or all guests cannot get in)."
            ) {
                $0.severity
            },
            .init("summary", "The result in one sentence.") { $0.summary },
            .init("remedy", "How to fix it; null if there is nothing to do.") { $0.remedy },
            .init("evidence", "Details, such as a URL or a status code.") { $0.evidence },
        ])
}

extension DeviceResult: Shaped {
    static let shape = Shape<DeviceResult>(
        "DeviceResult",
        [
            .init("device", "The kind of device.") { $0.device },
            .init("name", "The kind of device, for people.") { $0.device.name },
            .init(
                "outcome", "`works`; `degraded`: guests can sign in with restrictions; `fails`: guests cannot sign in."
            ) { $0.outcome },
            .init("guest_sees", "What a guest sees.") { $0.guestSees },
            .init("caused_by", "Checks that caused the outcome; empty if `works`.") { $0.causedBy },
        ])
}

extension Finding.Check: JSONRepresentable {}
extension Finding.Severity: JSONRepresentable {}
extension GuestDevice: JSONRepresentable {}
extension DeviceResult.Outcome: JSONRepresentable {}
