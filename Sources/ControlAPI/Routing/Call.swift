package import Captive
import Foundation
import HTTPServer

/// A request whose token has been checked.
struct Call: Sendable {
    let request: Request
    let caller: Caller
    var workspace: Workspace { caller.workspace }

    /// The id in the path. What is no UUID names nothing: 404, `kind` being the resource's name in a sentence.
    func id(_ kind: String, at name: String = "id") throws -> UUID {
        guard let id = request.pathParameters[name].flatMap({ UUID(uuidString: $0) }) else {
            throw APIError.notFound(kind)
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
}
