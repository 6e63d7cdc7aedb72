package import Captive

/// `/sites/{siteId}/doctor`, which the older documents do not have.
struct ExaminationResource {
    let store: any SiteStore
    let examiner: any SiteExaminer

    var section: Section {
        Section(
            "Portal doctor", "What guests' devices will do at a site, and what to mend.",
            [
                .get(
                    "/sites/{siteId}/doctor", older: [], "examineSite",
                    "Plays devices' requests at the portal, and asks the site's router and identity providers. Takes up to 15 s; one at a time for each site.",
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
    /// A diagnosis as the API prints it, for a program that examines without it.
    package static func json(of diagnosis: SiteDiagnosis) -> [UInt8] { SiteDiagnosis.shape.json(diagnosis).bytes }
}

extension SiteDiagnosis: Shaped {
    static let shape = Shape<SiteDiagnosis>(
        "SiteDiagnosis",
        [
            .init("site_id", "The site's ID.") { $0.siteID },
            .init("site_name", "The site's name.") { $0.siteName },
            .init("examined_at", "When it was examined.") { $0.examinedAt },
            .init("severity", "The worst that was found.") { $0.severity },
            .init("findings", "What was looked at, and what was seen.") { $0.findings },
            .init("devices", "What guests with each kind of device will see.") { $0.devices },
        ])
}

extension Finding: Shaped {
    static let shape = Shape<Finding>(
        "Finding",
        [
            .init("check", "What was looked at; docs/doctor.md explains each word.") { $0.check },
            .init("subject", "The network, integration or device that it is about; null for the whole site.") {
                $0.subject
            },
            .init("device", "The kind of device that it concerns; null for all.") { $0.device },
            .init(
                "severity",
                "How much it matters: ok, advice, warning (some guests notice), problem (some are kept out)."
            ) {
                $0.severity
            },
            .init("summary", "What was seen.") { $0.summary },
            .init("remedy", "What to do; null where nothing is to be done.") { $0.remedy },
            .init("evidence", "Details, such as an address or a status.") { $0.evidence },
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
