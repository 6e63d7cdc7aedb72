import Captive
import Foundation
import HTTPServer

/// The part of a list that a request asks for with `limit` and `cursor`.
struct ListRequest {
    private let request: Request
    private let publicURL: String
    private let page: ListPage

    init(_ request: Request, publicURL: String) throws {
        self.request = request
        self.publicURL = publicURL
        page = ListPage(limit: try Self.limit(of: request), after: try Self.cursor(of: request))
    }

    /// Reads the page with `fetch` and answers with its rows, newest first; a list that goes on has a `Link` to the rest.
    func response<Row>(
        _ place: (Row) -> ListPage.Cursor, _ json: (Row) -> JSONValue, _ fetch: (ListPage) async throws -> [Row]
    ) async throws -> Response {
        let rows = try await fetch(page)
        var headers: Headers = [:]
        if rows.count == page.limit, let last = rows.last.map(place) {
            let isCut = try await !fetch(ListPage(limit: 1, after: last)).isEmpty
            if isCut { headers.add("Link", link(after: last)) }
        }
        return .json(.ok, .array(rows.map(json)), headers: headers)
    }

    private func link(after last: ListPage.Cursor) -> String {
        "<\(publicURL)\(request.path)?limit=\(page.limit)&cursor=\(last.text)>; rel=\"next\""
    }

    private static func limit(of request: Request) throws -> Int {
        guard let text = request.queryParameters()["limit"] else { return 100 }
        guard let limit = Int(text), (1...500).contains(limit) else {
            throw APIError.invalid("limit", "an integer from 1 to 500")
        }
        return limit
    }

    private static func cursor(of request: Request) throws -> ListPage.Cursor? {
        guard let text = request.queryParameters()["cursor"] else { return nil }
        guard let cursor = ListPage.Cursor(text: text) else {
            throw APIError.invalid("cursor", "taken unchanged from the Link header of the page before")
        }
        return cursor
    }
}

extension ListPage.Cursor {
    /// Base64url of the time's bits and the id.
    fileprivate var text: String {
        var writer = MessageWriter()
        writer.write(createdAt.timeIntervalSinceReferenceDate.bitPattern)
        writer.write(id)
        return Base64URL.encode(writer.bytes)
    }

    fileprivate init?(text: String) {
        guard text.utf8.count == 32, let bytes = Base64URL.decode(text) else { return nil }
        var reader = MessageReader(bytes)
        guard let bits = reader.readUInt64(), let id = reader.readUUID() else { return nil }
        let seconds = Double(bitPattern: bits)
        // Within some millennia of now: far from where a store's integers overflow.
        guard seconds.isFinite, abs(seconds) < 1e11 else { return nil }
        self.init(createdAt: Date(timeIntervalSinceReferenceDate: seconds), id: id)
    }
}
