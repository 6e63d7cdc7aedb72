package import Foundation
package import NetworkAddress

/// One change that an admin's program or the command line made: who, what, when and from where. It names the fields
/// that were given, never their values.
package struct AuditEntry: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let workspace: Workspace
    package let actor: Actor
    /// The operation, such as `updateInstance`.
    package let action: String
    /// The kind of resource, such as `instances`.
    package let resource: String
    /// The resource's id as it is printed; for what was made several at a time, that of what it belongs to. Nil where
    /// there is none, or where the portal died before it could be noted.
    package var resourceID: String?
    /// The request's path; nil for the command line.
    package let path: String?
    /// Names of the fields given, those inside an object as `outer.inner`.
    package let fields: [String]
    package let createdAt: Date

    /// Who made a change.
    package struct Actor: Sendable, Equatable {
        /// The token's `jti`; nil where there is none.
        package let tokenID: String?
        /// The token's `sub`, or the user at the command line.
        package let subject: String?
        /// Nil for the command line.
        package let address: IPAddress?

        package init(tokenID: String?, subject: String?, address: IPAddress?) {
            (self.tokenID, self.subject, self.address) = (tokenID, subject, address)
        }
    }

    package init(
        id: UUID = UUID(), workspace: Workspace, actor: Actor, action: String, resource: String,
        resourceID: String? = nil, path: String? = nil, fields: [String] = [], createdAt: Date
    ) {
        self.id = id
        self.workspace = workspace
        self.actor = actor
        self.action = action
        self.resource = resource
        self.resourceID = resourceID
        self.path = path
        self.fields = fields
        self.createdAt = createdAt
    }
}

/// Which entries are asked for; nil lets all through.
package struct AuditFilter: Sendable, Equatable {
    package var resource: String?
    package var resourceID: String?
    package var tokenID: String?
    /// At this moment or later.
    package var since: Date?
    /// Before this moment.
    package var until: Date?

    package init(
        resource: String? = nil, resourceID: String? = nil, tokenID: String? = nil, since: Date? = nil,
        until: Date? = nil
    ) {
        self.resource = resource
        self.resourceID = resourceID
        self.tokenID = tokenID
        self.since = since
        self.until = until
    }
}

/// Keeps who changed what.
package protocol AuditTrail: Sendable {
    /// Does `work`, and writes `entry` and `claim` in the transaction of the first change that it makes: they are kept
    /// exactly if that is, and not at all if nothing changes. Throws `RepeatedRequest`, and nothing is changed, if
    /// another request has taken the claim's key.
    func accompanied<Value: Sendable>(
        by entry: AuditEntry, _ claim: IdempotencyClaim?, _ work: () async throws -> Value
    ) async throws -> Value
    /// Notes the id of what an entry made. Does nothing if there is no such entry.
    func complete(_ entryID: UUID, resourceID: String) async throws
    /// Newest first.
    func auditEntries(
        in workspace: Workspace, matching filter: AuditFilter, page: ListPage
    ) async throws -> [AuditEntry]
    /// Deletes at most `limit` entries that are older than `end`; how many.
    func forgetAuditEntries(before end: Date, limit: Int) async throws -> Int
}
