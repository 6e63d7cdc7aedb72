package import Foundation

/// The doctor's results for one site.
package struct SiteDiagnosis: Sendable, Equatable {
    package var siteID: UUID
    package var siteName: String?
    package var examinedAt: Date
    /// In the order of `Finding.Check`.
    package var findings: [Finding]
    /// One per kind of device, in the order of `GuestDevice`.
    package var devices: [DeviceResult]

    /// Sorts the findings and derives the result of each device from them.
    package init(siteID: UUID, siteName: String?, examinedAt: Date, findings: [Finding]) {
        self.siteID = siteID
        self.siteName = siteName
        self.examinedAt = examinedAt
        let order = Finding.Check.allCases
        let ordered = order.flatMap { check in findings.filter { $0.check == check } }
        self.findings = ordered
        devices = GuestDevice.allCases.map { DeviceResult($0, findings: ordered) }
    }

    /// The highest severity of the findings; `ok` if there are none.
    package var severity: Finding.Severity { findings.map(\.severity).max() ?? .ok }
}

/// Examines a site as a guest's device would meet it. Read-only.
package protocol SiteExaminer: Sendable {
    /// Returns within 15 s; nil if the site does not exist. Throws `SiteExaminationBusy` and the store's errors.
    func examine(_ siteID: UUID) async throws -> SiteDiagnosis?
}

/// The site is already being examined, or the limit of concurrent examinations is reached.
package struct SiteExaminationBusy: Error, Equatable {
    /// Seconds after which the caller may try again.
    package let retryAfter: Int

    package init(retryAfter: Int) { self.retryAfter = retryAfter }
}
