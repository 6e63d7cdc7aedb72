internal import Captive
internal import Foundation
internal import HTTPClient

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
            case .addressRefused: .clear(.unreachable("its address is not admitted"))
            case .tooLarge: .tooLong
            case .other(let detail): .clear(.unreachable(detail))
            }
    }

    /// Bytes of a refusal; RouterOS takes some hundred.
    private static let longestBody = 16 << 10

    private struct Body: Decodable {
        var detail: String?
        var message: String?
    }

    /// `reading`: whether the request asked for rows; it decides which policy was missing.
    init(status: Int, body: [UInt8], reading: Bool) {
        let parsed = body.count > Self.longestBody ? nil : try? JSONDecoder().decode(Body.self, from: Data(body))
        let detail = parsed?.detail ?? parsed?.message ?? "status \(status)"
        switch status {
        case 401: self = .clear(.unauthorized)
        case 404 where parsed != nil: self = .notFound
        case 500 where detail.hasSuffix("(9)"):
            self = .clear(.forbidden(Self.missingPolicy(detail, reading: reading)))
        case 400, 406: self = Self.refusal(detail)
        case 502...504: self = .unclear(.busy(detail))
        case 500...599: self = .unclear(.refused(detail))
        default: self = .clear(.misconfigured("its answer is not one of RouterOS's REST interface (status \(status))"))
        }
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
    static let missingProfile = "the hotspot user profile \"portico\" is missing; run the portal's router script"
}
