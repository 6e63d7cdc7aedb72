import Captive

/// A path parameter: an ID, unless the endpoint declares otherwise.
struct PathParameter: Sendable, Equatable {
    let name: String
    let schema: Schema
    let description: String

    /// The parameters of a path, in order. `others` are those that are not IDs.
    static func all(in path: String, others: [PathParameter]) -> [PathParameter] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            let name = String(segment.dropFirst().dropLast())
            let schema = name == "notificationGroupId" ? NotificationGroup.ID.schema : .id
            return others.first { $0.name == name }
                ?? PathParameter(name: name, schema: schema, description: "The ID of the \(kind(of: name)).")
        }
    }

    /// The kind of resource that an ID refers to: `auth integration` for `authIntegrationId`.
    static func kind(of name: String) -> String {
        let words = name.hasSuffix("Id") ? name.dropLast(2) : name[...]
        return words.reduce(into: "") { $0 += $1.isUppercase ? " " + $1.lowercased() : String($1) }
    }
}
