internal import Captive

/// A failed run of the program nft.
enum NftFault: Error, Equatable {
    /// The table, or an object in it, does not exist.
    case absent(String)
    case error(GatewayError)

    init(_ outcome: ChildProgram.Outcome) {
        let text = outcome.error.split(separator: "\n").first.map(String.init) ?? "exit code \(outcome.code)"
        switch outcome {
        case _ where text.contains("Operation not permitted"): self = .error(.misconfigured(Self.rights))
        case _ where text.contains("No such file or directory"): self = .absent(text)
        case _ where outcome.code == ChildProgram.Outcome.tooMuch:
            self = .error(.refused("the output of nft is too long"))
        case _ where outcome.code < 0: self = .error(.busy("nft did not finish in time (\(-outcome.code))"))
        case _ where text.contains("Device or resource busy"):
            self = .error(.busy("the kernel's rules are being changed"))
        default: self = .error(.refused("nft: \(text)"))
        }
    }

    /// The error as a `GatewayError`.
    var gatewayError: GatewayError {
        switch self {
        case .absent(let text): .refused("nft: \(text)")
        case .error(let error): error
        }
    }

    static let rights =
        "the portal may not change this machine's packet filter; run it as root, or grant its service the capability "
        + "CAP_NET_ADMIN (systemd: AmbientCapabilities=CAP_NET_ADMIN)"
    static let missing = "this machine has no program nft; install the package nftables"
}
