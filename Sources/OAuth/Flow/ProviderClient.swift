import Foundation
import HTTPClient

/// Every call to a provider: with a deadline, a bound on the answer, no redirect followed, and no `Origin`, with which
/// Microsoft would refuse a secret.
struct ProviderClient: Sendable {
    let client: HTTPClient
    let caCertificatePath: String?
    let timeout: Duration

    /// Enough for the largest key set or address list there is.
    private static let largestAnswer = 256 << 10

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
            method, url, headers: headers, body: body, timeout: timeout, maxResponseBytes: Self.largestAnswer,
            trust: .system(extraAuthorities: caCertificatePath))
        let response: HTTPResponse
        do { response = try await client.send(request) } catch { throw SignInFailure(error, asking: url) }
        guard !(300...399).contains(response.status) else {
            throw SignInFailure(.redirected, detail: "\(Self.place(url)) answered \(response.status)")
        }
        return response
    }

    /// Host and path, without a query.
    static func place(_ url: String) -> String {
        guard let parts = URLComponents(string: url) else { return "the provider" }
        return (parts.host ?? "") + (parts.port.map { ":\($0)" } ?? "") + parts.path
    }
}

extension SignInFailure {
    init(_ error: HTTPClientError, asking url: String) {
        let place = ProviderClient.place(url)
        switch error {
        case .timeout: self.init(.timedOut, detail: "\(place) has not answered in time")
        case .connect(let words): self.init(.unreachable, detail: "\(place): \(words)")
        case .tls(let words): self.init(.certificateUntrusted, detail: "\(place): \(words)")
        case .tooLarge: self.init(.answerTooLarge, detail: "\(place) sent more than is allowed")
        case .interrupted(let words), .other(let words): self.init(.unreachable, detail: "\(place): \(words)")
        case .addressRefused: self.init(.unreachable, detail: "\(place): its address is not admitted")
        case .cancelled: self.init(.unreachable, detail: "\(place): the request was given up")
        }
    }
}
