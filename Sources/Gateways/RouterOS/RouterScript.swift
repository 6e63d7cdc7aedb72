package import Captive
package import Foundation
package import NetworkAddress

/// The script (.rsc) that sets up a RouterOS 7 router as a gateway of the portal: `/import portico.rsc`. It is
/// idempotent: running it again restores every setting and adds nothing twice. It contains the password of the portal's
/// account.
package struct RouterScript: Sendable {
    /// The portal's origin, without a trailing slash.
    package var publicURL: String
    /// The site to which the router sends its guests.
    package var siteID: UUID
    /// The interface by which the portal controls the router: API or REST.
    package var driver: RouterSettings.Driver
    /// The interface of the guest network. The script creates a bridge if no interface has this name.
    package var interface: String
    /// The guest network (IPv4). The router gets the first address.
    package var network: Subnet
    /// The router's host name for guests.
    package var routerName: String
    /// The router user of the portal. The script creates it in a separate group.
    package var account: String
    /// Written into the script as plaintext.
    private let password: String
    /// The addresses from which the portal calls the router. Nil allows the account all addresses.
    package var portalAddress: Subnet?
    /// Domains of identity providers. A guest can reach them and their subdomains while signing in.
    package var signInDomains: [String]

    private let portalHost: String
    private let portalPort: Int

    /// Nil if the network is not IPv4 or not between /8 and /29, if `publicURL` is invalid, or if the password is
    /// unreadable.
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

    /// Returns a password of 160 random bits for the portal's account on one router.
    package static func makePassword() -> Secret {
        var generator = SystemRandomNumberGenerator()
        return Secret(
            (0..<20).map { _ in String(format: "%02x", UInt8.random(in: 0...255, using: &generator)) }.joined())
    }

    /// The hotspot pages that send guests to a site, with the file names that the router expects.
    package static func pages(publicURL: String, siteID: UUID) -> [(file: String, html: String)] {
        HotspotPage.all.map { ($0.file, $0.html(entry: "\(publicURL)/hotspot/\(siteID.text)")) }
    }

    /// The whole script.
    package var text: String {
        var writer = RouterScriptWriter()
        writer.comment("Sets up this router as a gateway of the portal at \(publicURL) (RouterOS 7.9 or newer).")
        writer.comment("The script can be run again at any time. Keep it secret: it contains a password.")
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
        writer.comment("Option 114 tells phones the address of the captive portal API (RFC 8910).")
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
        writer.section("The hotspot. Only the portal logs guests in; login cookies are off.")
        writer.line(":local folder \"portico\"")
        writer.comment("On a router with flash storage, only files in it survive a restart.")
        writer.line(":if ([:len [/file find where name=\"flash\"]] > 0) do={ :set folder \"flash/portico\" }")
        writer.ensure(
            "/ip hotspot profile", key: ("name", "portico"),
            [
                ("hotspot-address", address(1)), ("dns-name", routerName), ("login-by", "http-pap"),
                ("use-radius", "no"),
            ], raw: [("html-directory", "$folder")])
        writer.comment("A sleeping phone stays logged in. The portal's time limit ends its session.")
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
            "The hotspot pages: the router's defaults, except for the login pages, which redirect to the portal.")
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
            "The walled garden: the portal, and the identity providers during sign-in.")
        let destination = IPAddress(portalHost) == nil ? "dst-host" : "dst-address"
        writer.ensure(
            "/ip hotspot walled-garden ip", key: ("comment", "portico portal"),
            [("action", "accept"), (destination, portalHost), ("protocol", "tcp"), ("dst-port", String(portalPort))])
        writer.ensure(
            "/ip hotspot walled-garden ip", key: ("comment", "portico sign-in"),
            [("action", "accept"), ("src-address-list", "portal-auth"), ("dst-address-list", "portal-oauth")])
        guard !signInDomains.isEmpty else { return }
        writer.comment("The router adds the addresses of these names to the address list portal-oauth.")
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
        writer.section("The portal's account. It can read and write through one interface only.")
        let policies =
            "read,write,api,\(usesAPI ? "!" : "")rest-api,!local,!telnet,!ssh,!ftp,!reboot,!policy,!test,!winbox,!password,!web,!sniff,"
            + "!sensitive,!romon"
        writer.ensure("/user group", key: ("name", "portico"), [("policy", policies)])
        writer.ensure(
            "/user", key: ("name", account),
            [("group", "portico"), ("password", password), ("address", portalAddress?.description ?? "")])
    }

    private func writeService(_ writer: inout RouterScriptWriter) {
        writer.section("TLS for the portal's interface, with a self-signed certificate for the portal to pin.")
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

    /// Blocks guests from the service if it is not restricted to the portal's address, so that they cannot try
    /// passwords. With a restriction the rule is not needed, and it would block a portal on the guest network.
    private func writeGuestRule(_ writer: inout RouterScriptWriter) {
        writer.comment("Block guests from the service on every address of the router.")
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

    /// The portal's address if it is in the guest network.
    private var portalAmongGuests: IPAddress? { IPAddress(portalHost).flatMap { network.contains($0) ? $0 : nil } }

    private func writeFirewall(_ writer: inout RouterScriptWriter, from portal: Subnet) {
        writeFirst(
            &writer, "/ip firewall filter", "comment=\"portico\"",
            "chain=input action=accept protocol=tcp dst-port=\(servicePort) "
                + "src-address=\(writer.quoted(portal.description))")
    }

    /// Adds a rule once, before all others: the factory rules drop packets from outside and accept those from inside.
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
