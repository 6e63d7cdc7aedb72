internal import Captive
internal import Foundation
internal import HTTPClient
internal import NetworkAddress

/// What a router's refusal means for the step that asked.
enum RouterOSFault: Error {
    /// 404: there is no such row (any more).
    case notFound
    /// The row exists already; the text is the router's.
    case duplicate(String)
    /// No answer, or one whose meaning is clear: nothing is gained by asking what happened.
    case clear(GatewayError)
    /// No whole answer, or a refusal that proves nothing: the router may have done what it was asked. Read again.
    case unclear(GatewayError)

    /// The same for someone who had no use for the difference.
    var error: GatewayError {
        switch self {
        case .notFound: .busy("a row of the router vanished while it was used")
        case .duplicate(let text): .refused(text)
        case .clear(let error), .unclear(let error): error
        }
    }
}

extension RouterOSFault {
    init(_ error: HTTPClientError) {
        self =
            switch error {
            case .timeout: .unclear(.unreachable(Self.noAnswer))
            case .interrupted(let detail): .unclear(.unreachable("the connection broke: \(detail)"))
            case .cancelled: .unclear(.unreachable("the call was cancelled"))
            case .connect(let detail): .clear(.unreachable(detail))
            case .tls(let detail):
                .clear(.unreachable("\(detail); check the certificate in the site's router settings"))
            case .addressRefused: .clear(.unreachable(Self.localAddress))
            case .tooLarge: .tooLong
            case .other(let detail): .clear(.unreachable(detail))
            }
    }

    /// Bytes of a refusal; RouterOS takes some hundred.
    private static let longestBody = 16 << 10

    /// RouterOS's own form of an error.
    private struct Body: Decodable {
        // Safe because it is only compared.
        var error: Int
        var message: String
        var detail: String?
    }

    /// What RouterOS says in its form of an error; nil for any other body, of which nothing is repeated.
    private static func words(status: Int, body: [UInt8]) -> String? {
        guard body.count <= longestBody,
            let parsed = try? JSONDecoder().decode(Body.self, from: Data(body.streamSafeJSON)),
            parsed.error == status
        else { return nil }
        return printable(parsed.detail ?? parsed.message)
    }

    private static let longestWords = 200

    /// A router's words, short and without anything that does not show.
    static func printable(_ words: String) -> String {
        let shown = words.unicodeScalars.prefix(longestWords).map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                Character("?")
            default: Character(scalar)
            }
        }
        return String(shown)
    }

    /// `reading`: whether the request asked for rows; it decides which policy was missing.
    init(status: Int, body: [UInt8], reading: Bool) {
        guard status != 401 else {
            self = .clear(.unauthorized)
            return
        }
        guard let detail = Self.words(status: status, body: body) else {
            // A proxy before the router, or its web service while it starts or stops.
            self = (502...504).contains(status) ? .unclear(.busy(Self.noWords)) : Self.foreign(status)
            return
        }
        switch status {
        case 404: self = .notFound
        case 500 where detail.hasSuffix("(9)"):
            self = .clear(.forbidden(Self.missingPolicy(detail, reading: reading)))
        case 400, 406: self = Self.refusal(detail)
        case 502...504: self = .unclear(.busy(detail))
        case 500...599: self = .unclear(.refused(detail))
        default: self = Self.foreign(status)
        }
    }

    /// An answer that RouterOS does not give. After a failure within, the order may have been carried out.
    private static func foreign(_ status: Int) -> RouterOSFault {
        let error = GatewayError.misconfigured("the device does not answer as RouterOS's REST interface does")
        return status >= 500 ? .unclear(error) : .clear(error)
    }

    /// RouterOS does not name the policy; what was asked tells it.
    static func missingPolicy(_ detail: String, reading: Bool) -> String {
        let policy = detail.contains("not allowed") ? "api" : reading ? "read" : "write"
        return "its group needs the policy \"\(policy)\" (RouterOS says: \(detail))"
    }

    static func refusal(_ detail: String) -> RouterOSFault {
        refusals.first { detail.contains($0.text) }?.meaning(detail) ?? .unclear(.refused(detail))
    }

    /// RouterOS's words, and what they mean. The first that occurs in the refusal counts.
    private static let refusals: [(text: String, meaning: @Sendable (String) -> RouterOSFault)] = [
        ("already have", { .duplicate($0) }),
        ("such client already exists", { .duplicate($0) }),
        ("unknown host IP", { _ in .clear(.deviceNotSeen) }),
        ("wrong MAC provided", { _ in .clear(.deviceMismatch) }),
        ("this MAC address is not yours", { _ in .clear(.deviceMismatch) }),
        ("not allowed to log in from this MAC", { _ in .clear(.deviceMismatch) }),
        ("no more sessions", { .clear(.full($0)) }),
        ("session limit reached", { .clear(.full($0)) }),
        ("no more free addresses", { .clear(.full($0)) }),
        ("already authorizing", { .clear(.busy($0)) }),
        ("hotspot service is shutting down", { .clear(.busy($0)) }),
        // The password was written a moment ago: somebody else has written another one since.
        ("invalid username or password", { .clear(.busy($0)) }),
        ("RADIUS server is not responding", { .clear(.busy($0)) }),
        ("Session closed", { .unclear(.busy($0)) }),
        ("value of profile", { _ in .clear(.misconfigured(missingProfile)) }),
        ("no such command", { .clear(.misconfigured("it lacks a menu or command that the portal needs (\($0))")) }),
    ]

    static let tooLong = RouterOSFault.clear(.refused("the router's answer is longer than any that was asked for"))
    static let noAnswer = "no answer in time"
    static let tooManyCalls = "too many guests ask for something at the same time"
    private static let noWords = "its web service is not ready"
    private static let localAddress =
        "its address is loopback, link-local or otherwise special, which routers.allow_local would permit"
    static let missingProfile = "the hotspot user profile \"portico\" is missing; run the portal's router script"
}
