/// A version of RouterOS, with the differences that affect its clients.
package struct RouterRelease: Sendable, Equatable, CustomStringConvertible {
    /// The version as in `system/resource`.
    package let description: String
    /// The API's login uses a challenge, as before 6.43.
    let challenges: Bool
    /// Has the REST interface (since 7.1).
    let hasREST: Bool
    /// The API sends `!empty` if there are no rows (since 7.18).
    let sendsEmpty: Bool

    /// The last long-term version before the login changed.
    package static let v6_42 = RouterRelease("6.42.12 (long-term)", challenges: true, hasREST: false)
    /// The last long-term version of 6.x.
    package static let v6_49 = RouterRelease("6.49.18 (long-term)", hasREST: false)
    /// The version of the bundled command tree.
    package static let v7_16 = RouterRelease("7.16.2 (stable)")
    /// A version that sends `!empty`.
    package static let v7_21 = RouterRelease("7.21.5 (stable)", sendsEmpty: true)

    /// The releases by their short version numbers.
    package static let all = ["6.42": v6_42, "6.49": v6_49, "7.16": v7_16, "7.21": v7_21]

    private init(_ description: String, challenges: Bool = false, hasREST: Bool = true, sendsEmpty: Bool = false) {
        self.description = description
        self.challenges = challenges
        self.hasREST = hasREST
        self.sendsEmpty = sendsEmpty
    }
}
