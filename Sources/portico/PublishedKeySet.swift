import ControlAPI
import HTTPClient

/// The key set that an outside issuer of API tokens publishes at an address.
struct PublishedKeySet: KeySetSource {
    let url: String
    let client: HTTPClient

    /// Why a key set could not be had; no answer's content is in it.
    struct Unavailable: Error, CustomStringConvertible {
        let status: Int
        var description: String { "the key set of api.jwks_url was answered with status \(status)" }
    }

    func keySet() async throws -> String {
        let response = try await client.send(HTTPRequest("GET", url, timeout: .seconds(5), maxResponseBytes: 262_144))
        guard response.status == 200 else { throw Unavailable(status: response.status) }
        return String(decoding: response.body, as: UTF8.self)
    }
}
