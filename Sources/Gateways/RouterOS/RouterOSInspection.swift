package import Captive
internal import Foundation
internal import NetworkAddress

/// Reads a RouterOS router's setup for the doctor.
extension RouterOSGateway: GatewayInspection {
    package func inspect() async -> GatewaySetup {
        let deadline = Deadline()
        async let clock = reading { () async throws(RouterOSFault) in try await readClock(before: deadline) }
        async let issues = reading { () async throws(RouterOSFault) in try await readIssues(before: deadline) }
        async let networks = reading { () async throws(RouterOSFault) in try await readNetworks(before: deadline) }
        async let pages = reading { () async throws(RouterOSFault) in try await readPages(before: deadline) }
        async let places = reading { () async throws(RouterOSFault) in try await readReachableHosts(before: deadline) }
        async let names = reading { () async throws(RouterOSFault) in try await readNames(before: deadline) }
        var setup = GatewaySetup(unreadable: "")
        (setup.clock, setup.issues, setup.networks) = await (clock, issues, networks)
        (setup.pages, setup.reachableHosts, setup.names) = await (pages, places, names)
        return setup
    }

    private func reading<Value: Sendable>(
        _ read: @Sendable () async throws(RouterOSFault) -> Value
    ) async -> GatewaySetup.Reading<Value> {
        do throws(RouterOSFault) { return .read(try await read()) } catch {
            return .unreadable(error.error.explanation)
        }
    }

    private func readClock(before deadline: Deadline) async throws(RouterOSFault) -> GatewayClock {
        let asked = Date()
        let row = try await router.single("system/clock", fields: RouterOSClock.fields, before: deadline)
        let taken = Date().timeIntervalSince(asked)
        guard let shown = RouterOSClock.date(in: row) else {
            throw .definite(.misconfigured("its clock shows an unreadable date"))
        }
        // The router prints whole seconds (0.5 s on average) and reads its clock between request and response.
        let ahead = shown.timeIntervalSince(asked) + 0.5 - taken / 2
        let ntp = try? await router.single("system/ntp/client", fields: ["status"], before: deadline)
        return GatewayClock(ahead: ahead, isSynchronized: ntp?["status"].map { $0 == "synchronized" })
    }

    private func readNetworks(before deadline: Deadline) async throws(RouterOSFault) -> [GuestNetwork] {
        let options = try await router.rows(
            "ip/dhcp-server/option", fields: ["name", "code", "value"], before: deadline)
        let sets = try await router.rows("ip/dhcp-server/option/sets", fields: ["name", "options"], before: deadline)
        let networks = try await router.rows(
            "ip/dhcp-server/network", fields: ["address", "dhcp-option", "dhcp-option-set"], before: deadline)
        return networks.compactMap { row in
            guard let subnet = row["address"].flatMap({ Subnet($0) }) else { return nil }
            let set = sets.first { $0["name"] != nil && $0["name"] == row["dhcp-option-set"] }
            let named = Self.words(row["dhcp-option"]) + Self.words(set?["options"])
            let option = options.first { $0["code"] == "114" && named.contains($0["name"] ?? "") }
            return GuestNetwork(subnet: subnet, captivePortal: option?["value"].map(RouterOSOptionValue.text))
        }
    }

    private func readNames(before deadline: Deadline) async throws(RouterOSFault) -> DNSSettings {
        let resolvers = ["servers", "dynamic-servers", "use-doh-server"]
        let settings = try await router.single("ip/dns", fields: resolvers, before: deadline)
        let rows = try await router.rows("ip/dns/static", fields: ["name", "address", "disabled"], before: deadline)
        var fixed: [String: [String]] = [:]
        for row in rows where !row.has("disabled") {
            guard let name = row["name"], let address = row["address"] else { continue }
            fixed[name.lowercased(), default: []].append(address)
        }
        let servers = resolvers.flatMap { Self.words(settings[$0]) }
        return DNSSettings(fixed: fixed, asksOthers: !servers.isEmpty)
    }

    static func words(_ list: String?) -> [String] { (list ?? "").split(separator: ",").map(String.init) }
}

/// A DHCP option's value as RouterOS stores it: strings in single quotes with an optional prefix `s`, and hexadecimal
/// numbers (manual, "DHCP Options").
enum RouterOSOptionValue {
    /// The text that DHCP sends. Returns `value` unchanged if it has another form.
    static func text(_ value: String) -> String {
        if value.hasPrefix("0x") {
            let digits = Array(value.dropFirst(2))
            let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                // Safe because nothing is computed from a byte.
                UInt8(String(digits[$0...$0 + 1]), radix: 16)
            }
            return bytes.count * 2 == digits.count ? String(streamSafe: bytes) : value
        }
        let quoted = value.hasPrefix("s'") ? value.dropFirst() : value[...]
        guard quoted.hasPrefix("'"), quoted.hasSuffix("'"), quoted.count >= 2 else { return value }
        return String(quoted.dropFirst().dropLast())
    }
}
