import Captive
import Foundation
import NetworkAddress

/// Reads an instance's `sites`. Rejects a repeated site, and overlapping subnets of a site.
enum SiteList {
    private static let maximumSubnets = 64

    static func read(from fields: inout FieldReader, atMost maximum: Int) -> [Instance.SiteSubnets]? {
        var named: Set<UUID> = []
        return fields.objects("sites", atMost: maximum) { site in
            guard let id = site.required("id", .id) else {
                _ = subnets(from: &site)
                return nil
            }
            if !named.insert(id).inserted { site.reject("id", "a site that occurs only once in the list") }
            return Instance.SiteSubnets(siteID: id, subnets: subnets(from: &site))
        }
    }

    private static func subnets(from site: inout FieldReader) -> [Subnet] {
        let subnets = site.list("subnets", atMost: maximumSubnets, .subnet)
        for (index, subnet) in subnets.enumerated() {
            if let other = subnets[..<index].first(where: subnet.overlaps) {
                site.reject("subnets[\(index)]", "a subnet that does not overlap \(other) in the same list")
            }
        }
        return subnets
    }
}
