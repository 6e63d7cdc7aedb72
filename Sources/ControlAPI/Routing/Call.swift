package import Captive
import Foundation
import HTTPServer

/// An authenticated request.
struct Call: Sendable {
    let request: Request
    let caller: Caller
    /// The portal's origin, without a trailing slash.
    let publicURL: String
    var workspace: Workspace { caller.workspace }

    /// The value of a path parameter, such as `siteId`. Throws `resource_not_found` if it is not a UUID.
    func id(_ name: String) throws -> UUID {
        guard let id = request.pathParameters[name].flatMap({ UUID(uuidString: $0) }) else {
            throw APIError.notFound(PathParameter.kind(of: name))
        }
        return id
    }
}

/// The holder of a token.
package struct Caller: Sendable, Equatable {
    package let workspace: Workspace
    package let scopes: Set<APIToken.Scope>
    /// The token's `jti`, for logs; nil if an external issuer did not set it.
    package let tokenID: String?
    /// The token's `sub`.
    package let subject: String
}
