internal import Captive

/// Why the program nft did not do what it was told.
enum NftFault: Error, Equatable {
    /// The table, or what is named in it, is not there.
    case absent(String)
    case error(GatewayError)

    init(_ outcome: ChildProgram.Outcome) {
        let text = outcome.error.split(separator: "\n").first.map(String.init) ?? "exit code \(outcome.code)"
        switch outcome {
        case _ where text.contains("Operation not permitted"): self = .error(.misconfigured(Self.rights))
        case _ where text.contains("No such file or directory"): self = .absent(text)
        case _ where outcome.code == ChildProgram.Outcome.tooMuch:
            self = .error(.refused("nft prints more than this portal reads"))
        case _ where outcome.code < 0: self = .error(.busy("nft did not end in time (\(-outcome.code))"))
        case _ where text.contains("Device or resource busy"):
            self = .error(.busy("the kernel's rules are being changed"))
        default: self = .error(.refused("nft: \(text)"))
        }
    }

    /// As the role of gateways has it.
    var gatewayError: GatewayError {
        switch self {
        case .absent(let text): .refused("nft: \(text)")
        case .error(let error): error
        }
    }

    static let rights =
        "the portal may not change this machine's packet filter; run it as root, or give its service the capability "
        + "CAP_NET_ADMIN (systemd: AmbientCapabilities=CAP_NET_ADMIN)"
    static let missing = "this machine has no program nft; install the package nftables"
}
