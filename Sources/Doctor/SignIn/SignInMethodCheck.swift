internal import Captive
internal import Foundation
internal import NetworkAddress

/// Whether guests of every network have a way to sign in that works: an instance offers coupons or one provider.
struct SignInMethodCheck {
    let instances: [Instance]
    let siteID: UUID
    /// Integrations that let nobody in.
    let failing: Set<AuthIntegration.ID>

    /// Nil where nobody signs in at a provider.
    var finding: Finding? {
        let active = instances.filter { !$0.subnets(at: siteID).isEmpty }
        guard active.contains(where: { $0.strategy == .oauth2 }) else { return nil }
        let closed = active.filter { !isOpen($0) }
        guard !closed.isEmpty else {
            return Finding(.signInWays, .ok, "Guests of every network have a way to sign in.")
        }
        let networks = closed.flatMap { $0.subnets(at: siteID) }.map(\.description).joined(separator: ", ")
        let isEverybody = closed.count == active.count
        return Finding(
            .signInWays, isEverybody ? .problem : .warning,
            isEverybody
                ? "Nobody can sign in: no provider at the site lets guests in."
                : "Guests of \(networks) cannot sign in: the provider that they need lets nobody in.",
            remedy: "Mend the integration, or let these networks take coupons meanwhile.",
            evidence: closed.map(\.name))
    }

    private func isOpen(_ instance: Instance) -> Bool {
        instance.strategy == .coupon || instance.integrationID.map { !failing.contains($0) } == true
    }
}
