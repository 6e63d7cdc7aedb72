internal import Captive

/// openNDS's option `fas_secure_enabled`, as far as the way shows it by which a guest came from another machine.
enum FASLevel: Int {
    case open = 1, sealed, sealedSecure, openSecure

    /// `isSealed`: openNDS encrypted its fields. `isSecure`: they came over TLS, so authmon asks whom to let through.
    init(isSealed: Bool, isSecure: Bool) {
        self = isSecure ? isSealed ? .sealedSecure : .openSecure : isSealed ? .sealed : .open
    }

    var isSealed: Bool { self == .sealed || self == .sealedSecure }

    /// What the portal cannot hold guests to at this level; nil for the best one.
    var limit: GatewayFlaw? {
        let summary: String? =
            switch self {
            case .open:
                "openNDS has fas_secure_enabled 1: nothing proves which device a browser stands for, so one code can "
                    + "let three devices through in an hour, each for openNDS's sessiontimeout."
            case .sealed:
                "openNDS has fas_secure_enabled 2: a device that it lets through again, up to three times in an hour, "
                    + "stays for openNDS's sessiontimeout, whatever time is left."
            case .openSecure:
                "openNDS has fas_secure_enabled 4, or 1 over https: a browser can name another guest's device."
            case .sealedSecure: nil
            }
        return summary.map {
            GatewayFlaw($0, remedy: "Set fas_secure_enabled 3, or run the portal on openNDS's machine.")
        }
    }
}
