internal import Foundation

/// The console user that may use the REST interface.
package struct RouterAccount: Sendable {
    let name: String
    let password: String
    let policies: Set<Policy>

    /// The policies of its group that matter here.
    package enum Policy: String, Sendable, CaseIterable {
        case read, write, api
        case restAPI = "rest-api"
    }

    /// Without `restAPI` the account is unauthorized; without another policy what needs it is refused.
    package init(name: String, password: String, policies: Set<Policy> = Set(Policy.allCases)) {
        self.name = name
        self.password = password
        self.policies = policies
    }

    /// Throws what the router answers to someone who may not do this.
    func check(authorization: String?, reading: Bool) throws(RouterRefusal) {
        guard authorization == expected, policies.contains(.restAPI) else { throw .unauthorized }
        guard policies.contains(.api) else { throw .permission("std failure: not allowed (9)") }
        guard policies.contains(reading ? .read : .write) else { throw .permission("not enough permissions (9)") }
    }

    private var expected: String { "Basic " + Data("\(name):\(password)".utf8).base64EncodedString() }
}
