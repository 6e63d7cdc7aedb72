package import Foundation
package import NetworkAddress

/// Finds the instance of an address in constant time, regardless of the number of sites and instances.
package struct SubnetIndex: Sendable {
    private struct SiteSubnet: Hashable {
        var siteID: UUID
        var subnet: Subnet
    }

    private let bySite: [SiteSubnet: SubnetClaim]
    private let bySubnet: [Subnet: [SubnetClaim]]
    /// The occurring prefix lengths, longest first.
    private let prefixLengths: [Int]

    /// - Parameter direct: workspaces that `onlyClaim` considers. Subnets of other workspaces do not affect it.
    package init(_ claims: [SubnetClaim], direct: Set<Workspace> = [.default]) {
        bySite = Dictionary(
            claims.map { (SiteSubnet(siteID: $0.siteID, subnet: $0.subnet), $0) },
            uniquingKeysWith: { first, _ in first })
        bySubnet = Dictionary(grouping: claims.filter { direct.contains($0.workspace) }, by: \.subnet)
        prefixLengths = Set(claims.map(\.subnet.prefixLength)).sorted(by: >)
    }

    /// The site's subnet with the longest prefix that contains `address`.
    package func claim(at siteID: UUID, _ address: IPAddress) -> SubnetClaim? {
        blocks(around: address).lazy.compactMap { bySite[SiteSubnet(siteID: siteID, subnet: $0)] }.first
    }

    /// The subnet that contains `address`. Returns nil if several sites of the direct workspaces have one, because
    /// sites may use the same private subnet.
    package func onlyClaim(_ address: IPAddress) -> SubnetClaim? {
        var found: SubnetClaim?
        for block in blocks(around: address) {
            guard let claims = bySubnet[block], let first = claims.first else { continue }
            guard claims.count == 1, found == nil || found?.siteID == first.siteID else { return nil }
            found = found ?? first
        }
        return found
    }

    private func blocks(around address: IPAddress) -> [Subnet] {
        prefixLengths.compactMap { Subnet(address, prefixLength: $0) }
    }
}
