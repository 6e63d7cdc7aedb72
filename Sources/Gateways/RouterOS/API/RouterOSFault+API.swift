internal import Captive
internal import HTTPClient

extension RouterOSFault {
    /// A command failed. `reading`: whether it was a read. It decides which policy a "not permitted" error refers to.
    init(_ trap: APISession.Trap, reading: Bool) {
        let message = trap.message.isEmpty ? "no reason given" : Self.printable(trap.message)
        if message.contains("(9)") {
            self = .definite(.forbidden(Self.missingPolicy(message, reading: reading)))
        } else if message.hasPrefix("no such item") {
            self = .notFound
        } else if trap.category == 2 {
            self = .indeterminate(.busy(message))
        } else {
            self = Self.refusal(message)
        }
    }

    /// The session has ended. `wasSent`: whether the command had been sent, so that it may have taken effect.
    init(_ end: APISession.End, wasSent: Bool) {
        let error: GatewayError
        switch end {
        case .refusedLogin(let trap):
            self = .definite(
                trap.message.contains("(9)")
                    ? .forbidden(Self.missingPolicy(Self.printable(trap.message))) : .unauthorized)
            return
        case .fatal(let text): error = .unreachable("the router ended the connection: \(Self.printable(text))")
        case .notRouterOS: error = .misconfigured("the device does not respond like RouterOS's API")
        }
        self = wasSent ? .indeterminate(error) : .definite(error)
    }

    /// The error for an account that may not use the API.
    private static func missingPolicy(_ detail: String) -> String {
        "its group needs the policy \"api\" (RouterOS: \(detail))"
    }

    /// The connection was closed or could not be opened.
    init(connection error: HTTPClientError, wasSent: Bool) {
        switch error {
        case .tls(let detail):
            self = .definite(
                .unreachable(
                    "\(detail); check the certificate in the site's router settings, and that the router's service "
                        + "api-ssl has a certificate: without one it does not authenticate itself"))
        case .connect, .tooLarge: self.init(error)
        case .timeout, .interrupted, .cancelled, .addressRefused, .other:
            let fault = RouterOSFault(error)
            self = wasSent ? fault : .definite(fault.error)
        }
    }
}
