package import Captive
package import Foundation
package import NetworkAddress

/// The script (.rsc) that turns a RouterOS 7 router into a gateway of the portal: `/import portico.rsc`. Running it
/// again brings everything back to what it says, and adds nothing twice. It holds the password of the portal's account.
package struct RouterScript: Sendable {
    /// The portal's origin, without a slash at its end.
    package var publicURL: String
    /// Whose entry guests are sent to.
    package var siteID: UUID
    /// How the portal speaks to the router: through its API, or else REST.
    package var driver: RouterSettings.Driver
    /// The interface that guests are on; made as a bridge if there is none of that name.
    package var interface: String
    /// IPv4; the router takes the first address.
    package var network: Subnet
    /// The name under which guests see the router.
    package var routerName: String
    /// The user as whom the portal drives the router; made in a group of its own.
    package var account: String
    /// Written into the script in clear.
    private let password: String
    /// Where the portal's calls come from; nil leaves the account open to all addresses.
    package var portalAddress: Subnet?
    /// Domains of identity providers, reachable with all names below them while a guest signs in.
    package var signInDomains: [String]

    private let portalHost: String
    private let portalPort: Int

    /// Nil for a network that is not IPv4, or longer than /29 or shorter than /8, a portal address that is none, and an
    /// unreadable password.
    package init?(
        publicURL: String, siteID: UUID, driver: RouterSettings.Driver = .routerosREST,
        interface: String = "bridge-guests", network: Subnet,
        routerName: String = "hotspot.guest", account: String = "portico", password: Secret,
        portalAddress: Subnet? = nil, signInDomains: [String] = []
    ) {
        guard network.base.bitWidth == 32, (8...29).contains(network.prefixLength), let url = URL(string: publicURL),
            let host = url.host(), let password = password.revealed
        else { return nil }
        portalHost = host
        portalPort = url.port ?? (url.scheme == "http" ? 80 : 443)
        self.publicURL = publicURL
        self.siteID = siteID
        self.driver = driver
        self.interface = interface
        self.network = network
        self.routerName = routerName
        self.account = account
        self.password = password
        self.portalAddress = portalAddress
        self.signInDomains = signInDomains
    }

    /// A password of 160 random bits, for the portal's account on one router.
    package static func makePassword() -> Secret {
        var generator = SystemRandomNumberGenerator()
        return Secret(
            (0..<20).map { _ in String(format: "%02x", UInt8.random(in: 0...255, using: &generator)) }.joined())
    }

    /// The hotspot's pages that send guests to a site's entry, by the names that the router wants them under.
    package static func pages(publicURL: String, siteID: UUID) -> [(file: String, html: String)] {
        HotspotPage.all.map { ($0.file, $0.html(entry: "\(publicURL)/hotspot/\(siteID.text)")) }
    }

    /// The whole script.
    package var text: String {
        var writer = RouterScriptWriter()
        writer.say("Makes this router a gateway of the portal at \(publicURL) (RouterOS 7.9 or newer).")
        writer.say("It may be run again at any time. Keep it to yourself: it holds a password.")
        writeNetwork(&writer)
        writeHotspot(&writer)
        writePages(&writer)
        writeGarden(&writer)
        writeAccount(&writer)
        writeService(&writer)
        return writer.text
    }

    private var usesAPI: Bool { driver == .routerosAPI }

    private func address(_ offset: UInt32) -> String {
        guard case .v4(let base) = network.base else { return "" }
        return IPAddress.v4(base + offset).description
    }

    private var lastOffset: UInt32 { UInt32(1 << (32 - network.prefixLength)) - 2 }

    private func writeNetwork(_ writer: inout RouterScriptWriter) {
        writer.section("The guest network: interface, address, DHCP, DNS.")
        writer.line(
            ":if ([:len [/interface find where name=\(writer.quoted(interface))]] = 0) do={ "
                + "/interface bridge add name=\(writer.quoted(interface)) comment=\"portico\" }")
        writer.ensure(
            "/ip address", key: ("comment", "portico"),
            [("interface", interface), ("address", "\(address(1))/\(network.prefixLength)")])
        writer.ensure("/ip pool", key: ("name", "portico"), [("ranges", "\(address(2))-\(address(lastOffset))")])
        writer.say("Phones learn from option 114 where to ask whether they are online (RFC 8910).")
        writer.ensure(
            "/ip dhcp-server option", key: ("name", "portico-captive"),
            [("code", "114"), ("value", "'\(publicURL)/captive-portal/api?site=\(siteID.text)'"), ("force", "yes")])
        writer.ensure(
            "/ip dhcp-server network", key: ("address", network.description),
            [("gateway", address(1)), ("dns-server", address(1)), ("dhcp-option", "portico-captive")])
        writer.ensure(
            "/ip dhcp-server", key: ("name", "portico"),
            [("interface", interface), ("address-pool", "portico"), ("lease-time", "1h"), ("disabled", "no")])
        writer.line("/ip dns set allow-remote-requests=\"yes\" address-list-extra-time=\"30m\"")
    }

    private func writeHotspot(_ writer: inout RouterScriptWriter) {
        writer.section("The hotspot. The portal logs guests in by itself; no cookie lets a device in without it.")
        writer.line(":local folder \"portico\"")
        writer.say("Where a router has flash storage, only what is in it outlives a restart.")
        writer.line(":if ([:len [/file find where name=\"flash\"]] > 0) do={ :set folder \"flash/portico\" }")
        writer.ensure(
            "/ip hotspot profile", key: ("name", "portico"),
            [
                ("hotspot-address", address(1)), ("dns-name", routerName), ("login-by", "http-pap"),
                ("use-radius", "no"),
            ], raw: [("html-directory", "$folder")])
        writer.say("A sleeping phone stays logged in: the portal's time limit ends its stay.")
        writer.ensure(
            "/ip hotspot user profile", key: ("name", "portico"),
            [
                ("shared-users", "1"), ("add-mac-cookie", "no"), ("idle-timeout", "none"),
                ("keepalive-timeout", "none"), ("session-timeout", "0s"),
            ])
        writer.ensure(
            "/ip hotspot", key: ("name", "portico"),
            [
                ("interface", interface), ("profile", "portico"), ("address-pool", "none"),
                ("addresses-per-mac", "2"), ("idle-timeout", "5m"), ("keepalive-timeout", "none"), ("disabled", "no"),
            ])
    }

    private func writePages(_ writer: inout RouterScriptWriter) {
        writer.section(
            "The pages: the router's own, and in their place where a guest has to sign in, the way to the portal.")
        writer.line(":if ([:len [/file find where name=(\"$folder/login.html\")]] = 0) do={")
        writer.line("  /ip hotspot reset-html [/ip hotspot find where name=\"portico\"]")
        writer.line("  :delay 3s")
        writer.line("}")
        writer.line(":local html \"\"")
        for page in Self.pages(publicURL: publicURL, siteID: siteID) {
            let name = "(\"$folder/\(page.file)\")"
            writer.line(":set html \(writer.quoted(page.html))")
            writer.line(
                ":if ([:len [/file find where name=\(name)]] = 0) do={ /file add name=\(name) contents=$html } "
                    + "else={ /file set [/file find where name=\(name)] contents=$html }")
        }
    }

    private func writeGarden(_ writer: inout RouterScriptWriter) {
        writer.section(
            "What guests reach before they are let through: the portal, and while they sign in, their provider.")
        let destination = IPAddress(portalHost) == nil ? "dst-host" : "dst-address"
        writer.ensure(
            "/ip hotspot walled-garden ip", key: ("comment", "portico portal"),
            [("action", "accept"), (destination, portalHost), ("protocol", "tcp"), ("dst-port", String(portalPort))])
        writer.ensure(
            "/ip hotspot walled-garden ip", key: ("comment", "portico sign-in"),
            [("action", "accept"), ("src-address-list", "portal-auth"), ("dst-address-list", "portal-oauth")])
        guard !signInDomains.isEmpty else { return }
        writer.say("The router notes the addresses that these names have in the list portal-oauth.")
        writer.line(
            ":local resolvers ([:toarray [/ip dns get servers]] , [:toarray [/ip dns get dynamic-servers]])")
        writer.line(
            ":if ([:len $resolvers] = 0) do={ :error \"portico: set a DNS server first (/ip dns set servers=...)\" }")
        for domain in signInDomains {
            writer.ensure(
                "/ip dns static", key: ("name", domain),
                [("type", "FWD"), ("match-subdomain", "yes"), ("address-list", "portal-oauth")],
                raw: [("forward-to", "[:pick $resolvers 0]")], comment: "portico")
        }
    }

    private func writeAccount(_ writer: inout RouterScriptWriter) {
        writer.section("The portal's account: it reads and writes through one interface, and may do nothing else.")
        let policies =
            "read,write,api,\(usesAPI ? "!" : "")rest-api,!local,!telnet,!ssh,!ftp,!reboot,!policy,!test,!winbox,!password,!web,!sniff,"
            + "!sensitive,!romon"
        writer.ensure("/user group", key: ("name", "portico"), [("policy", policies)])
        writer.ensure(
            "/user", key: ("name", account),
            [("group", "portico"), ("password", password), ("address", portalAddress?.description ?? "")])
    }

    private func writeService(_ writer: inout RouterScriptWriter) {
        writer.section("TLS for the portal's interface, with a certificate of the router's own for the portal to pin.")
        writer.line(":if ([:len [/certificate find where name=\"portico\"]] = 0) do={")
        writer.line(
            "  /certificate add name=\"portico\" common-name=\(writer.quoted(routerName)) days-valid=3650 "
                + "key-usage=digital-signature,key-encipherment,key-cert-sign,crl-sign,tls-server")
        writer.line("  /certificate sign portico")
        writer.line("  :delay 5s")
        writer.line("}")
        let source = portalAddress.map { " address=\(writer.quoted($0.description))" } ?? ""
        writer.line(
            "/ip service set \(usesAPI ? "api-ssl" : "www-ssl") certificate=\"portico\" disabled=\"no\"\(source)")
        writeGuestRule(&writer)
        if let portalAddress { writeFirewall(&writer, from: portalAddress) }
        writer.line(
            ":put (\"portico: done. Set certificate_sha256 of the site to \" . "
                + "[/certificate get [/certificate find where name=\"portico\"] fingerprint])")
    }

    private var servicePort: Int { usesAPI ? 8_729 : 443 }

    /// Without an address that the service is bound to, guests could reach it from their own network and try passwords.
    /// Where it is bound, they cannot, and a portal on the guests' own network must not be kept out.
    private func writeGuestRule(_ writer: inout RouterScriptWriter) {
        writer.say("Guests have no business with it, whatever address of the router they try.")
        let comment = "comment=\"portico guests\""
        for menu in ["/ip firewall filter", "/ipv6 firewall filter"] {
            guard portalAddress == nil else {
                writer.line("\(menu) remove [\(menu) find where \(comment)]")
                continue
            }
            let source = menu.hasPrefix("/ip ") ? portalAmongGuests.map { " src-address=!\($0)" } ?? "" : ""
            writeFirst(
                &writer, menu, comment,
                "chain=input action=drop protocol=tcp dst-port=\(servicePort)\(source) "
                    + "in-interface=\(writer.quoted(interface))")
        }
    }

    /// The portal's address where it is one of the guest network.
    private var portalAmongGuests: IPAddress? { IPAddress(portalHost).flatMap { network.contains($0) ? $0 : nil } }

    private func writeFirewall(_ writer: inout RouterScriptWriter, from portal: Subnet) {
        writeFirst(
            &writer, "/ip firewall filter", "comment=\"portico\"",
            "chain=input action=accept protocol=tcp dst-port=\(servicePort) "
                + "src-address=\(writer.quoted(portal.description))")
    }

    /// A rule that is the first, once: those of a factory router, which come next, drop what comes from outside and let
    /// in what comes from within.
    private func writeFirst(
        _ writer: inout RouterScriptWriter, _ menu: String, _ comment: String, _ rule: String
    ) {
        writer.line(":if ([:len [\(menu) find where \(comment)]] = 0) do={")
        let rule = "\(menu) add \(rule) \(comment)"
        writer.line("  :local first [\(menu) find where dynamic=no]")
        writer.line("  :if ([:len $first] = 0) do={ \(rule) } else={ \(rule) place-before=[:pick $first 0] }")
        writer.line("}")
    }
}
