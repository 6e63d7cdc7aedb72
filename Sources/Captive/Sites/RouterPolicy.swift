import Foundation
package import NetworkAddress

/// What the operator permits workspaces on and near the portal's own machine.
package struct RouterPolicy: Sendable {
    /// Workspaces whose sites may use the drivers of this machine, and whose guests can be identified by address alone
    /// if a request names no site (decision 0017).
    package var localWorkspaces: Set<Workspace>
    /// Whether a router may have a loopback, link-local or other such address.
    package var allowsLocalRouters: Bool

    /// The settings' defaults: the workspace `default`, and no local routers.
    package init(localWorkspaces: Set<Workspace> = [.default], allowsLocalRouters: Bool = false) {
        self.localWorkspaces = localWorkspaces
        self.allowsLocalRouters = allowsLocalRouters
    }

    /// Whether a site of `workspace` may have `driver`. Always true for `opennds`: for other workspaces, its gateway is
    /// never looked for on this machine.
    package func allows(_ driver: RouterSettings.Driver, for workspace: Workspace) -> Bool {
        driver != .nftables || isLocal(workspace)
    }

    /// Whether the workspace may use this machine.
    package func isLocal(_ workspace: Workspace) -> Bool { localWorkspaces.contains(workspace) }

    /// Whether the portal may connect to a router at `address`.
    package func admits(_ address: IPAddress) -> Bool { allowsLocalRouters || !address.isLocalOrMetadata }
}

extension RouterSettings {
    /// The IP address in `url`; nil if it contains a name.
    package var literalAddress: IPAddress? {
        guard let url, let start = url.range(of: "://")?.upperBound else { return nil }
        let authority = url[start...].prefix { $0 != "/" }
        if authority.first == "[" { return IPAddress(authority.dropFirst().prefix { $0 != "]" }) }
        return IPAddress(authority.prefix { $0 != ":" })
    }
}
