internal import Captive
internal import Foundation
internal import NetworkAddress

/// Checks that guests on every network have a working sign-in method: coupons or one provider.
struct SignInMethodCheck {
    let instances: [Instance]
    let siteID: UUID
    /// Integrations with problems.
    let failing: Set<AuthIntegration.ID>

    /// Nil if no instance at the site uses a provider.
    var finding: Finding? {
        let active = instances.filter { !$0.subnets(at: siteID).isEmpty }
        guard active.contains(where: { $0.strategy == .oauth2 }) else { return nil }
        let broken = active.filter { !works($0) }
        guard !broken.isEmpty else {
            return Finding(.signInWays, .ok, "Guests on every network have a working sign-in method.")
        }
        let networks = broken.flatMap { $0.subnets(at: siteID) }.map(\.description).joined(separator: ", ")
        let affectsAll = broken.count == active.count
        return Finding(
            .signInWays, affectsAll ? .problem : .warning,
            affectsAll
                ? "No guest can sign in: every provider at the site fails."
                : "Guests on \(networks) cannot sign in: their identity provider fails.",
            remedy: "Fix the integration, or switch these networks to coupons meanwhile.",
            evidence: broken.map(\.name))
    }

    private func works(_ instance: Instance) -> Bool {
        instance.strategy == .coupon || instance.integrationID.map { !failing.contains($0) } == true
    }
}
