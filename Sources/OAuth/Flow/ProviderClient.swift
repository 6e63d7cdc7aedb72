import Foundation
import HTTPClient

/// The HTTP client for all calls to providers. Calls have a timeout and a maximum response size, follow no redirects,
/// and send no `Origin`, because Microsoft rejects client secrets in requests with one.
struct ProviderClient: Sendable {
    let client: HTTPClient
    let caCertificatePath: String?
    let timeout: Duration

    /// The maximum response size in bytes, enough for the largest known key set or address list.
    private static let maxResponseBytes = 256 << 10

    func get(_ url: String, headers: [(name: String, value: String)] = []) async throws(SignInFailure) -> HTTPResponse {
        let accept = headers.contains { $0.name == "Accept" } ? [] : [(name: "Accept", value: "application/json")]
        return try await send("GET", url, accept + headers, nil)
    }

    func post(_ url: String, form: [(name: String, value: String)]) async throws(SignInFailure) -> HTTPResponse {
        let headers = [
            (name: "Accept", value: "application/json"),
            (name: "Content-Type", value: "application/x-www-form-urlencoded"),
        ]
        return try await send("POST", url, headers, Array(FormURLEncoding.encode(form).utf8))
    }

    private func send(
        _ method: String, _ url: String, _ headers: [(name: String, value: String)], _ body: [UInt8]?
    ) async throws(SignInFailure) -> HTTPResponse {
        let request = HTTPRequest(
            method, url, headers: headers, body: body, timeout: timeout, maxResponseBytes: Self.maxResponseBytes,
            trust: .system(extraAuthorities: caCertificatePath))
        let response: HTTPResponse
        do { response = try await client.send(request) } catch { throw SignInFailure(error, asking: url) }
        guard !(300...399).contains(response.status) else {
            throw SignInFailure(.redirected, detail: "\(Self.hostAndPath(url)) returned status \(response.status)")
        }
        return response
    }

    /// Host and path of an address, without its query.
    static func hostAndPath(_ url: String) -> String {
        guard let parts = URLComponents(string: url) else { return "the provider" }
        return (parts.host ?? "") + (parts.port.map { ":\($0)" } ?? "") + parts.path
    }
}

extension SignInFailure {
    init(_ error: HTTPClientError, asking url: String) {
        let address = ProviderClient.hostAndPath(url)
        switch error {
        case .timeout: self.init(.timedOut, detail: "\(address) did not respond in time")
        case .connect(let reason): self.init(.unreachable, detail: "\(address): \(reason)")
        case .tls(let reason): self.init(.certificateUntrusted, detail: "\(address): \(reason)")
        case .tooLarge: self.init(.answerTooLarge, detail: "the response of \(address) is too large")
        case .interrupted(let reason), .other(let reason): self.init(.unreachable, detail: "\(address): \(reason)")
        case .addressRefused: self.init(.unreachable, detail: "\(address): the address is not allowed")
        case .cancelled: self.init(.unreachable, detail: "\(address): the request was cancelled")
        }
    }
}
