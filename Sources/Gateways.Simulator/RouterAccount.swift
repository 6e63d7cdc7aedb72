internal import Foundation

/// The user that may use the router's interfaces.
package struct RouterAccount: Sendable {
    let name: String
    let password: String
    let policies: Set<Policy>

    /// Policies of the user's group.
    package enum Policy: String, Sendable, CaseIterable {
        case read, write, api
        case restAPI = "rest-api"
    }

    /// Without `restAPI`, REST responds 401. Without another policy, calls that need it are refused.
    package init(name: String, password: String, policies: Set<Policy> = Set(Policy.allCases)) {
        self.name = name
        self.password = password
        self.policies = policies
    }

    /// Throws the router's refusal if the caller lacks a permission.
    func check(_ call: RouterCall) throws(RouterRefusal) {
        switch call.caller {
        case .console: return
        case .api: break
        case .rest(let authorization):
            guard authorization == expected, policies.contains(.restAPI) else { throw .unauthorized }
            guard policies.contains(.api) else { throw .permission("std failure: not allowed (9)") }
        }
        guard policies.contains(call.isReading ? .read : .write) else {
            throw .permission("not enough permissions (9)")
        }
    }

    private var expected: String { "Basic " + Data("\(name):\(password)".utf8).base64EncodedString() }
}
