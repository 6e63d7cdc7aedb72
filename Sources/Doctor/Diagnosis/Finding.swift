/// One result of one of the doctor's checks.
package struct Finding: Sendable, Equatable {
    /// How severe a finding is, in ascending order.
    package enum Severity: String, Sendable, CaseIterable, Comparable {
        case ok
        /// Works but could be improved, or cannot be checked remotely.
        case advice
        /// Some guests are affected.
        case warning
        /// Some or all guests cannot sign in, or the network is open to everyone.
        case problem

        package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package var check: Check
    /// The network, integration or device concerned; nil for the whole site.
    package var subject: String?
    /// The kind of device concerned; nil for all.
    package var device: GuestDevice?
    package var severity: Severity
    /// The result as one sentence.
    package var summary: String
    /// What to do; nil if there is nothing to do.
    package var remedy: String?
    /// Details such as an address, a status or a digest. Contains no secrets.
    package var evidence: [String]

    package init(
        _ check: Check, _ severity: Severity, _ summary: String, subject: String? = nil, device: GuestDevice? = nil,
        remedy: String? = nil, evidence: [String] = []
    ) {
        self.check = check
        self.severity = severity
        self.summary = summary
        self.subject = subject
        self.device = device
        self.remedy = remedy
        self.evidence = evidence
    }
}

extension Finding {
    /// The doctor's checks. The names are stable; docs/doctor.md explains each.
    package enum Check: String, Sendable, CaseIterable {
        case portalAddress = "portal.address"
        case portalProbe = "portal.probe"
        case portalEntry = "portal.entry"
        case portalAPI = "portal.api"
        case portalCertificate = "portal.certificate"
        case siteInstances = "site.instances"
        case routerSettings = "router.settings"
        case routerHealth = "router.health"
        case routerClock = "router.clock"
        case routerSetup = "router.setup"
        case routerRedirect = "router.redirect"
        case routerNetworks = "router.networks"
        case routerOption114 = "router.option-114"
        case routerGarden = "router.garden"
        case routerProbeHosts = "router.probe-hosts"
        case routerNames = "router.names"
        case signInProvider = "sign-in.provider"
        case signInRedirect = "sign-in.redirect"
        case signInWays = "sign-in.ways"
        case signInTestPage = "sign-in.test-page"
        case signInSecret = "sign-in.secret"
        case signInWindow = "sign-in.window"

        /// The part of the name before the dot.
        package var group: String { rawValue.split(separator: ".").first.map(String.init) ?? rawValue }
    }
}
