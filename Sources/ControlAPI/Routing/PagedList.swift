import Captive
import Foundation
import HTTPServer

/// A row of a list that is ordered by creation time and ID.
protocol Pageable: SendableMetatype {
    /// The ID in the database.
    var key: UUID { get }
    var createdAt: Date { get }
}

extension Pageable where Self: Identifiable, ID == UUID {
    var key: UUID { id }
}

/// One page of a list, with the URL of the next page.
struct PagedList<Row: Pageable> {
    let rows: [Row]
    private let page: ListPage
    private let hasMore: Bool

    init(_ page: ListPage, _ fetch: (ListPage) async throws -> [Row]) async throws {
        self.page = page
        rows = try await fetch(page)
        if rows.count == page.limit, let last = rows.last {
            hasMore = try await !fetch(ListPage(limit: 1, after: .init(last))).isEmpty
        } else {
            hasMore = false
        }
    }

    /// `address` is the URL of the list, including its filters.
    func response(_ shape: Shape<Row>, at address: String) -> Response {
        var headers: Headers = [:]
        if let next = next(at: address) { headers.add("Link", "<\(next)>; rel=\"next\"") }
        return .json(.ok, .array(rows.map(shape.json)), headers: headers)
    }

    /// The URL of the next page; nil on the last page.
    func next(at address: String) -> String? {
        guard hasMore, let last = rows.last else { return nil }
        return ListPage.Cursor(last).address(at: address, limit: page.limit)
    }

    static func responseDescription(_ shape: Shape<Row>) -> ResponseDescription {
        ResponseDescription(
            mediaType: "application/json", schema: .list(of: shape.schema),
            headers: [("Link", "The next page, as `<URL>; rel=\"next\"`. Omitted on the last page.")])
    }
}

extension ListPage {
    /// The requested page; `usual` is the default limit.
    static func query(limit usual: Int = 100) -> Input<ListPage> {
        Input { query in
            let limit = query.optional("limit", .integer(1...500), "Number of items to return (default \(usual)).")
            let cursor = query.optional("cursor", .cursor, "Pagination cursor from the previous page's `Link` header.")
            return ListPage(limit: limit ?? usual, after: cursor)
        }
    }
}

extension Rule where Value == ListPage.Cursor {
    fileprivate static var cursor: Rule {
        Rule(
            expected: "taken unchanged from the Link header of the previous page",
            schema: ["type": "string", "pattern": "^Q[a-f][A-Za-z0-9_-]{30}$"]
        ) { value in
            guard case .string(let text) = value else { return nil }
            return ListPage.Cursor(text: text)
        }
    }
}

extension ListPage.Cursor {
    fileprivate init(_ row: some Pageable) { self.init(createdAt: row.createdAt, id: row.key) }

    /// The URL of the page after this cursor, for the list at `address`; without `limit` if it is nil.
    func address(at address: String, limit: Int?) -> String {
        let mark = address.contains("?") ? "&" : "?"
        return "\(address)\(mark)" + (limit.map { "limit=\($0)&" } ?? "") + "cursor=\(text)"
    }
}

extension Call {
    /// The URL of the requested list, including its filters.
    var listAddress: String {
        let filters = request.queryParameters().all.filter { !["limit", "cursor"].contains($0.name) }
        let query = filters.map { "\(Self.escape($0.name))=\(Self.escape($0.value))" }.joined(separator: "&")
        return publicURL + request.path + (query.isEmpty ? "" : "?" + query)
    }

    /// Escapes all but unreserved characters (RFC 3986 section 2.3).
    private static func escape(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}

extension ListPage.Cursor {
    /// Base64url of the time's bits and the ID. The bits of a time between 2005 and 2273 begin with 0x41A to 0x41F.
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
        guard (0x41A...0x41F).contains(bits >> 52) else { return nil }
        self.init(createdAt: Date(timeIntervalSinceReferenceDate: Double(bitPattern: bits)), id: id)
    }
}
