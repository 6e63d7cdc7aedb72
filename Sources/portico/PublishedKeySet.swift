import ControlAPI
import HTTPClient

/// The key set of an external issuer of API tokens, fetched from its address.
struct PublishedKeySet: KeySetSource {
    let url: String
    let client: HTTPClient

    /// A failed fetch of the key set. Does not contain the response's body.
    struct Unavailable: Error, CustomStringConvertible {
        let status: Int
        var description: String { "api.jwks_url returned status \(status)" }
    }

    func keySet() async throws -> String {
        let response = try await client.send(HTTPRequest("GET", url, timeout: .seconds(5), maxResponseBytes: 262_144))
        guard response.status == 200 else { throw Unavailable(status: response.status) }
        return String(decoding: response.body, as: UTF8.self)
    }
}
