internal import Captive
internal import Foundation
internal import NetworkAddress

/// The state and setup of openNDS, parsed from `ndsctl status`.
struct NdsStatus: Equatable {
    var version: String?
    /// Seconds since openNDS started.
    var uptime: Int?
    var name: String?
    /// Whether openNDS authorizes devices from which it has not seen a request.
    var takesUnseenDevices: Bool
    /// The forwarding authentication service; nil if none is set.
    var service: Service?
    var garden: NdsWalledGarden

    struct Service: Equatable {
        /// `fas_secure_enabled`.
        var level: Int
        var url: String
    }

    /// Returns nil if `text` is not a complete status.
    init?(_ text: String) {
        let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        guard lines.contains("openNDS Status"), lines.contains(where: { $0.hasPrefix("Walled Garden Ports:") }) else {
            return nil
        }
        let value = { (name: String) -> String? in
            lines.first { $0.hasPrefix(name + ":") }?.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
        }
        version = value("Version")
        uptime = value("Uptime").flatMap(Self.seconds)
        name = value("Gateway Name")?.trimmingCharacters(in: CharacterSet(charactersIn: "[] "))
        takesUnseenDevices = lines.contains("Preemptive Authentication is Enabled")
        service = value("FAS").flatMap(Self.service)
        garden = NdsWalledGarden(
            names: Self.list("Walled Garden FQDNs", in: lines).map { $0.lowercased() },
            ports: Self.list("Walled Garden Ports", in: lines).compactMap { UInt16($0, in: 1...65_535) },
            portal: service.flatMap { URL(string: $0.url)?.host()?.lowercased() })
    }

    /// The lines below `name:`, up to the next named one. An empty list is written as `none` on the same line.
    private static func list(_ name: String, in lines: [String]) -> [String] {
        Array(lines.drop { $0 != name + ":" }.dropFirst().prefix { !$0.contains(":") && !$0.hasPrefix("=") })
    }

    /// Parses `Secure Level 1, URL: http://…`.
    private static func service(_ text: String) -> Service? {
        guard let level = text.wholeMatch(of: /Secure Level (\d), URL: (\S+).*/), let number = Int(level.1, in: 0...9)
        else { return nil }
        return Service(level: number, url: String(level.2))
    }

    /// An upper bound: more than a hundred years in seconds.
    private static let mostOfUnit = 1 << 32

    /// Parses `1d 2h 3m 4s`, whose larger units may be missing.
    private static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["d": 86_400, "h": 3_600, "m": 60, "s": 1]
        let parts = text.split(separator: " ")
        guard (1...units.count).contains(parts.count) else { return nil }
        return parts.reduce(0) { total, part in
            guard let total, let unit = part.last.flatMap({ units[$0] }),
                let count = Int(part.dropLast(), in: 0...Self.mostOfUnit)
            else { return nil }
            return total + count * unit
        }
    }
}

extension NdsStatus {
    /// Whether openNDS sends guests to the site `siteID`.
    func serves(_ siteID: UUID) -> Bool { service?.url.lowercased().hasSuffix(Self.path(siteID)) ?? false }

    private static func path(_ siteID: UUID) -> String { "/hotspot/" + siteID.uuidString.lowercased() }

    /// Throws `.misconfigured` with the option to set if guests of `siteID` could not sign in.
    func check(for siteID: UUID) throws(GatewayError) {
        let path = Self.path(siteID)
        guard let service else {
            throw .misconfigured("openNDS sends guests to its own page; set fasport, fasremoteip and faspath \(path)")
        }
        guard serves(siteID) else {
            throw .misconfigured("openNDS sends guests to another page than this site's; set faspath \(path)")
        }
        guard identifiesDevices(at: service.level) else {
            throw .misconfigured("openNDS has fas_secure_enabled \(service.level); set it to 1")
        }
        guard takesUnseenDevices else {
            throw .misconfigured(
                "openNDS can neither extend a session nor restore it after a restart; set "
                    + "allow_preemptive_authentication 1")
        }
    }

    /// Level 0 can be forged. Level 4 exists since version 10; older versions treat it as no level.
    private func identifiesDevices(at level: Int) -> Bool {
        let isNew = version?.split(separator: ".").first.flatMap { Int($0, in: 0...9_999) }.map { $0 >= 10 } ?? false
        return (1...3).contains(level) || level == 4 && isNew
    }
}
