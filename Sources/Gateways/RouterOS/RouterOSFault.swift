internal import Captive
internal import Foundation
internal import HTTPClient
internal import NetworkAddress

/// A failed call to a router, by what the caller can conclude from it.
enum RouterOSFault: Error {
    /// The row does not exist (404).
    case notFound
    /// The row already exists. The text is the router's message.
    case duplicate(String)
    /// The command had no effect: it was not sent, or the router rejected it with a known message.
    case definite(GatewayError)
    /// The command may have taken effect: the response is missing, incomplete or unknown. Read the state again.
    case indeterminate(GatewayError)

    /// The error for callers that do not distinguish the cases.
    var error: GatewayError {
        switch self {
        case .notFound: .busy("a row of the router vanished while it was used")
        case .duplicate(let text): .refused(text)
        case .definite(let error), .indeterminate(let error): error
        }
    }
}

extension RouterOSFault {
    init(_ error: HTTPClientError) {
        self =
            switch error {
            case .timeout: .indeterminate(.unreachable(Self.noAnswer))
            case .interrupted(let detail): .indeterminate(.unreachable("the connection broke: \(detail)"))
            case .cancelled: .indeterminate(.unreachable("the call was cancelled"))
            case .connect(let detail): .definite(.unreachable(detail))
            case .tls(let detail):
                .definite(.unreachable("\(detail); check the certificate in the site's router settings"))
            case .addressRefused: .definite(.unreachable(Self.localAddress))
            case .tooLarge: .tooLong
            case .other(let detail): .definite(.unreachable(detail))
            }
    }

    /// Longest error body that is parsed, in bytes. RouterOS sends a few hundred.
    private static let longestBody = 16 << 10

    /// An error body of RouterOS.
    private struct Body: Decodable {
        // Safe because it is only compared.
        var error: Int
        var message: String
        var detail: String?
    }

    /// The message in an error body of RouterOS. Returns nil for any other body, which is never printed.
    private static func message(status: Int, body: [UInt8]) -> String? {
        guard body.count <= longestBody,
            let parsed = try? JSONDecoder().decode(Body.self, from: Data(body.streamSafeJSON)),
            parsed.error == status
        else { return nil }
        return printable(parsed.detail ?? parsed.message)
    }

    private static let longestMessage = 200

    /// A router's message, at most `longestMessage` characters, with invisible characters replaced by `?`.
    static func printable(_ message: String) -> String {
        let shown = message.unicodeScalars.prefix(longestMessage).map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                Character("?")
            default: Character(scalar)
            }
        }
        return String(shown)
    }

    /// `reading`: whether the request was a read. It decides which policy a "not permitted" error refers to.
    init(status: Int, body: [UInt8], reading: Bool) {
        guard status != 401 else {
            self = .definite(.unauthorized)
            return
        }
        guard let detail = Self.message(status: status, body: body) else {
            // Sent by a proxy in front of the router, or by its web service while that starts or stops.
            self = (502...504).contains(status) ? .indeterminate(.busy(Self.notReady)) : Self.foreign(status)
            return
        }
        switch status {
        case 404: self = .notFound
        case 500 where detail.hasSuffix("(9)"):
            self = .definite(.forbidden(Self.missingPolicy(detail, reading: reading)))
        case 400, 406: self = Self.refusal(detail)
        case 502...504: self = .indeterminate(.busy(detail))
        case 500...599: self = .indeterminate(.refused(detail))
        default: self = Self.foreign(status)
        }
    }

    /// A response that RouterOS does not send. With a 5xx status, the command may have taken effect.
    private static func foreign(_ status: Int) -> RouterOSFault {
        let error = GatewayError.misconfigured("the device does not respond like RouterOS's REST interface")
        return status >= 500 ? .indeterminate(error) : .definite(error)
    }

    /// RouterOS does not name the missing policy, so it is inferred from the kind of request.
    static func missingPolicy(_ detail: String, reading: Bool) -> String {
        let policy = detail.contains("not allowed") ? "api" : reading ? "read" : "write"
        return "its group needs the policy \"\(policy)\" (RouterOS: \(detail))"
    }

    static func refusal(_ detail: String) -> RouterOSFault {
        refusals.first { detail.contains($0.text) }?.meaning(detail) ?? .indeterminate(.refused(detail))
    }

    /// Texts of RouterOS's error messages with their meaning. The first text that the message contains applies.
    private static let refusals: [(text: String, meaning: @Sendable (String) -> RouterOSFault)] = [
        ("already have", { .duplicate($0) }),
        ("such client already exists", { .duplicate($0) }),
        ("unknown host IP", { _ in .definite(.deviceNotSeen) }),
        ("wrong MAC provided", { _ in .definite(.deviceMismatch) }),
        ("this MAC address is not yours", { _ in .definite(.deviceMismatch) }),
        ("not allowed to log in from this MAC", { _ in .definite(.deviceMismatch) }),
        ("no more sessions", { .definite(.full($0)) }),
        ("session limit reached", { .definite(.full($0)) }),
        ("no more free addresses", { .definite(.full($0)) }),
        ("already authorizing", { .definite(.busy($0)) }),
        ("hotspot service is shutting down", { .definite(.busy($0)) }),
        // The portal has just written the password, so another program has changed it since.
        ("invalid username or password", { .definite(.busy($0)) }),
        ("RADIUS server is not responding", { .definite(.busy($0)) }),
        ("Session closed", { .indeterminate(.busy($0)) }),
        ("value of profile", { _ in .definite(.misconfigured(missingProfile)) }),
        ("no such command", { .definite(.misconfigured("it lacks a menu or command that the portal needs (\($0))")) }),
    ]

    static let tooLong = RouterOSFault.definite(.refused("the router's response exceeds the size limit"))
    static let noAnswer = "no response in time"
    static let tooManyCalls = "too many guest requests at the same time"
    private static let notReady = "its web service is not ready"
    private static let localAddress =
        "its address is loopback, link-local or otherwise special; set routers.allow_local to permit it"
    static let missingProfile = "the hotspot user profile \"portico\" is missing; run the portal's router script"
}
