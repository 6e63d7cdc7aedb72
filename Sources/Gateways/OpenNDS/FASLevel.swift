internal import Captive

/// openNDS's option `fas_secure_enabled`, as inferred from a guest's first request.
enum FASLevel: Int {
    case open = 1, sealed, sealedSecure, openSecure

    /// `isSealed`: whether openNDS encrypted the fields. `isSecure`: whether they came over TLS, so that authmon polls.
    init(isSealed: Bool, isSecure: Bool) {
        self = isSecure ? isSealed ? .sealedSecure : .openSecure : isSealed ? .sealed : .open
    }

    var isSealed: Bool { self == .sealed || self == .sealedSecure }

    /// The limitation of this level; nil for `sealedSecure`, which has none.
    var limit: SetupIssue? {
        let summary: String? =
            switch self {
            case .open:
                "openNDS has fas_secure_enabled 1: nothing proves which device a browser runs on, so one code can "
                    + "authorize three devices in an hour, each for openNDS's sessiontimeout."
            case .sealed:
                "openNDS has fas_secure_enabled 2: a device that it authorizes again, up to three times in an hour, "
                    + "stays online for openNDS's sessiontimeout, regardless of the time left."
            case .openSecure:
                "openNDS has fas_secure_enabled 4, or 1 over https: a browser can claim to be another guest's device."
            case .sealedSecure: nil
            }
        return summary.map {
            SetupIssue($0, remedy: "Set fas_secure_enabled 3, or run the portal on openNDS's machine.")
        }
    }
}
