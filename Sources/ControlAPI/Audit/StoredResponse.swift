import Foundation
import HTTPServer

/// A response in the form in which it is stored for repeated requests.
struct StoredResponse: Codable {
    private let status: Int
    private let fields: [[String]]
    private let body: Data

    /// Returns nil for a server error (500 and above), which is not stored.
    init?(_ response: Response) {
        guard response.status.rawValue < 500 else { return nil }
        status = response.status.rawValue
        fields = response.headers.fields.map { [$0.name, $0.value] }
        body =
            switch response.body {
            case .empty: Data()
            case .bytes(let bytes): Data(bytes)
            case .shared(let shared): Data(shared.bytes)
            }
    }

    init?(bytes: [UInt8]) {
        // Safe because the portal wrote it.
        guard let stored = try? JSONDecoder().decode(StoredResponse.self, from: Data(bytes)) else { return nil }
        self = stored
    }

    func bytes() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }

    /// The stored response, with `Idempotency-Replayed: true`.
    var response: Response {
        let pairs = fields.filter { $0.count == 2 }.map { (name: $0[0], value: $0[1]) }
        var response = Response(Status(rawValue: status), headers: Headers(pairs))
        if !body.isEmpty { response.body = .bytes(Array(body)) }
        response.headers["Idempotency-Replayed"] = "true"
        return response
    }
}
