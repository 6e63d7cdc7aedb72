package import Captive
import Foundation
import HTTPServer

/// A request whose token has been checked.
struct Call: Sendable {
    let request: Request
    let caller: Caller
    /// The portal's origin, without a slash at the end.
    let publicURL: String
    var workspace: Workspace { caller.workspace }

    /// The id at a place of the path, such as `siteId`. What is no UUID names nothing: 404.
    func id(_ name: String) throws -> UUID {
        guard let id = request.pathParameters[name].flatMap({ UUID(uuidString: $0) }) else {
            throw APIError.notFound(PathParameter.kind(of: name))
        }
        return id
    }
}

/// Who calls.
package struct Caller: Sendable, Equatable {
    package let workspace: Workspace
    package let scopes: Set<APIToken.Scope>
    /// The token's `jti`, for the log; nil if an outside issuer gave none.
    package let tokenID: String?
    /// The token's `sub`.
    package let subject: String
}
