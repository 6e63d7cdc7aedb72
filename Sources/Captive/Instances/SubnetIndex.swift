package import Foundation
package import NetworkAddress

/// Finds the claims on an address in constant time, however many sites and instances there are.
package struct SubnetIndex: Sendable {
    private struct SiteSubnet: Hashable {
        var siteID: UUID
        var subnet: Subnet
    }

    private let bySite: [SiteSubnet: SubnetClaim]
    private let bySubnet: [Subnet: [SubnetClaim]]
    /// Lengths that occur, longest first.
    private let prefixLengths: [Int]

    /// - Parameter direct: workspaces whose guests `onlyClaim` finds. A claim of another workspace neither takes an
    ///   address there nor makes one ambiguous.
    package init(_ claims: [SubnetClaim], direct: Set<Workspace> = [.default]) {
        bySite = Dictionary(
            claims.map { (SiteSubnet(siteID: $0.siteID, subnet: $0.subnet), $0) },
            uniquingKeysWith: { first, _ in first })
        bySubnet = Dictionary(grouping: claims.filter { direct.contains($0.workspace) }, by: \.subnet)
        prefixLengths = Set(claims.map(\.subnet.prefixLength)).sorted(by: >)
    }

    /// The claim at the site with the longest prefix that holds `address`.
    package func claim(at siteID: UUID, _ address: IPAddress) -> SubnetClaim? {
        blocks(around: address).lazy.compactMap { bySite[SiteSubnet(siteID: siteID, subnet: $0)] }.first
    }

    /// The claim on `address` if only one site of the direct workspaces has any: several sites may use the same private
    /// subnet.
    package func onlyClaim(_ address: IPAddress) -> SubnetClaim? {
        var found: SubnetClaim?
        for block in blocks(around: address) {
            guard let claims = bySubnet[block], let first = claims.first else { continue }
            guard claims.count == 1, found == nil || found?.siteID == first.siteID else { return nil }
            found = found ?? first
        }
        return found
    }

    /// Whether any instance is active at the site.
    private func blocks(around address: IPAddress) -> [Subnet] {
        prefixLengths.compactMap { Subnet(address, prefixLength: $0) }
    }
}
