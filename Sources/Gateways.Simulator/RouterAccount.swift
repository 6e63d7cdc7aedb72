internal import Foundation

/// The console user that may use the router's interfaces.
package struct RouterAccount: Sendable {
    let name: String
    let password: String
    let policies: Set<Policy>

    /// The policies of its group that matter here.
    package enum Policy: String, Sendable, CaseIterable {
        case read, write, api
        case restAPI = "rest-api"
    }

    /// Without `restAPI` REST takes the account for unknown; without another policy what needs it is refused.
    package init(name: String, password: String, policies: Set<Policy> = Set(Policy.allCases)) {
        self.name = name
        self.password = password
        self.policies = policies
    }

    /// Throws what the router answers to someone who may not do this.
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
