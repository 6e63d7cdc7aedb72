package import Foundation
package import NetworkAddress

/// A change made through the control API or the command line: actor, action, time and address. Contains the names of
/// the given fields, never their values.
package struct AuditEntry: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let workspace: Workspace
    package let actor: Actor
    /// The operation, such as `updateInstance`.
    package let action: String
    /// The kind of resource, such as `instances`.
    package let resource: String
    /// The resource's id; for resources created in bulk, the id of their parent. Nil if there is none, or if the
    /// process ended before it was recorded.
    package var resourceID: String?
    /// The request's path; nil for the command line.
    package let path: String?
    /// Names of the given fields; nested ones as `outer.inner`.
    package let fields: [String]
    package let createdAt: Date

    /// The author of a change.
    package struct Actor: Sendable, Equatable {
        /// The token's `jti`; nil if there is none.
        package let tokenID: String?
        /// The token's `sub`, or the user of the command line.
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

/// A filter for entries. A nil field matches every entry.
package struct AuditFilter: Sendable, Equatable {
    package var resource: String?
    package var resourceID: String?
    package var tokenID: String?
    /// Matches entries at or after this time.
    package var since: Date?
    /// Matches entries before this time.
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
