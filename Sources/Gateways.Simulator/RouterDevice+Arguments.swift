internal import NetworkAddress

/// Validation of a command's arguments and conversion to their stored form.
extension RouterDevice {
    func checkArguments(
        _ values: [String: String], of command: String, in menu: Menu
    ) throws(RouterRefusal) {
        guard let known = tree.arguments(of: command, in: menu.path) else { throw .notAcceptable(command) }
        for name in values.keys.sorted() where !known.contains(name) || name == "numbers" {
            throw .bad("unknown parameter \(name)")
        }
    }

    func normalized(
        _ values: [String: String], command: String, of menu: Menu
    ) throws(RouterRefusal) -> [String: String] {
        try checkArguments(values, of: command, in: menu)
        var normal: [String: String] = [:]
        for (name, value) in values { normal[name] = try normalized(value, name, of: menu) }
        // An empty comment removes the comment.
        if normal["comment"] == "" { normal["comment"] = nil }
        return normal
    }

    private func normalized(_ value: String, _ name: String, of menu: Menu) throws(RouterRefusal) -> String {
        if menu.flags.contains(name) {
            guard ["yes", "no", "true", "false"].contains(value) else { throw .mismatch(name) }
            return value == "yes" || value == "true" ? "true" : "false"
        }
        if menu.durations.contains(name) {
            guard let seconds = RouterDuration.seconds(value) else { throw .bad("invalid value for argument \(name)") }
            return RouterDuration.text(seconds)
        }
        if let words = menu.words[name], !words.contains(value) { throw .mismatch(name) }
        if let other = menu.references[name], value != "all", tables[other]?.rows("name", value).isEmpty != false {
            throw .mismatch(name)
        }
        if name == "mac-address" {
            guard let mac = MACAddress(value) else { throw .bad("invalid value for argument mac-address") }
            return mac.description
        }
        return name == "address" || name == "dst-address" ? try normalizedAddress(value, name, of: menu) : value
    }

    /// A block of one address is stored without its length. Address lists also accept host names.
    private func normalizedAddress(_ value: String, _ name: String, of menu: Menu) throws(RouterRefusal) -> String {
        guard let subnet = Subnet(value) else {
            if menu.path == "ip/firewall/address-list" { return value }
            throw .bad("invalid value for argument \(name)")
        }
        return subnet.prefixLength == subnet.base.bitWidth ? subnet.base.description : subnet.description
    }
}
