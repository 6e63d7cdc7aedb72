package import Foundation

/// What the portal doctor says of one site.
package struct SiteDiagnosis: Sendable, Equatable {
    package var siteID: UUID
    package var siteName: String?
    package var examinedAt: Date
    /// In the order of `Finding.Check`.
    package var findings: [Finding]
    /// One for each kind of device, in the order of `GuestDevice`.
    package var devices: [DeviceResult]

    /// Orders the findings and judges from them what each device will do.
    package init(siteID: UUID, siteName: String?, examinedAt: Date, findings: [Finding]) {
        self.siteID = siteID
        self.siteName = siteName
        self.examinedAt = examinedAt
        let order = Finding.Check.allCases
        let ordered = order.flatMap { check in findings.filter { $0.check == check } }
        self.findings = ordered
        devices = GuestDevice.allCases.map { DeviceResult($0, findings: ordered) }
    }

    /// The worst of what was found; `ok` if nothing was.
    package var severity: Finding.Severity { findings.map(\.severity).max() ?? .ok }
}

/// Examines a site's portal as guests' devices meet it. Changes nothing anywhere.
package protocol SiteExaminer: Sendable {
    /// Takes 15 s at most. Nil if there is no such site. Throws `SiteExaminationBusy`, and what the books throw.
    func examine(_ siteID: UUID) async throws -> SiteDiagnosis?
}

/// The site is being examined already, or as many are as may be at a time.
package struct SiteExaminationBusy: Error, Equatable {
    /// Seconds after which it makes sense to ask again.
    package let retryAfter: Int

    package init(retryAfter: Int) { self.retryAfter = retryAfter }
}
