/// A version of RouterOS, as far as it makes a difference to those who drive it.
package struct RouterRelease: Sendable, Equatable, CustomStringConvertible {
    /// As `system/resource` has it.
    package let description: String
    /// The API wants the digest of a challenge, as before 6.43.
    let challenges: Bool
    /// Since 7.1.
    let hasREST: Bool
    /// The API says `!empty` where there are no rows, since 7.18.
    let sendsEmpty: Bool

    /// The last long-term version before the login changed.
    package static let v6_42 = RouterRelease("6.42.12 (long-term)", challenges: true, hasREST: false)
    /// The last of the sixth.
    package static let v6_49 = RouterRelease("6.49.18 (long-term)", hasREST: false)
    /// The one whose command tree the simulator ships with.
    package static let v7_16 = RouterRelease("7.16.2 (stable)")
    /// One that says `!empty`.
    package static let v7_21 = RouterRelease("7.21.5 (stable)", sendsEmpty: true)

    /// The releases by the numbers that a person would write.
    package static let all = ["6.42": v6_42, "6.49": v6_49, "7.16": v7_16, "7.21": v7_21]

    private init(_ description: String, challenges: Bool = false, hasREST: Bool = true, sendsEmpty: Bool = false) {
        self.description = description
        self.challenges = challenges
        self.hasREST = hasREST
        self.sendsEmpty = sendsEmpty
    }
}
