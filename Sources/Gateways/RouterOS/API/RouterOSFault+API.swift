internal import Captive
internal import HTTPClient

extension RouterOSFault {
    /// A command was refused. `reading`: whether it asked for rows; it decides which policy was missing.
    init(_ trap: APISession.Trap, reading: Bool) {
        let message = trap.message.isEmpty ? "no reason given" : Self.printable(trap.message)
        if message.contains("(9)") {
            self = .clear(.forbidden(Self.missingPolicy(message, reading: reading)))
        } else if message.hasPrefix("no such item") {
            self = .notFound
        } else if trap.category == 2 {
            self = .unclear(.busy(message))
        } else {
            self = Self.refusal(message)
        }
    }

    /// The session is over. `wasSent`: the command had gone out, so that the router may have done it.
    init(_ end: APISession.End, wasSent: Bool) {
        let error: GatewayError
        switch end {
        case .refusedLogin(let trap):
            self = .clear(
                trap.message.contains("(9)")
                    ? .forbidden(Self.missingPolicy(Self.printable(trap.message))) : .unauthorized)
            return
        case .fatal(let text): error = .unreachable("the router ended the connection: \(Self.printable(text))")
        case .notRouterOS: error = .misconfigured("the device does not answer as RouterOS's API does")
        }
        self = wasSent ? .unclear(error) : .clear(error)
    }

    /// A login is refused with "not allowed" to an account that may not use the API.
    private static func missingPolicy(_ detail: String) -> String {
        "its group needs the policy \"api\" (RouterOS says: \(detail))"
    }

    /// The connection is over, or never was.
    init(connection error: HTTPClientError, wasSent: Bool) {
        switch error {
        case .tls(let detail):
            self = .clear(
                .unreachable(
                    "\(detail); check the certificate in the site's router settings, and that the router's service "
                        + "api-ssl has one: without, it encrypts for anyone, and the portal does not speak to it"))
        case .connect, .tooLarge: self.init(error)
        case .timeout, .interrupted, .cancelled, .addressRefused, .other:
            let fault = RouterOSFault(error)
            self = wasSent ? fault : .clear(fault.error)
        }
    }
}
