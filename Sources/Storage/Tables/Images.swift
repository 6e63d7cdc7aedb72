package import Captive
package import Foundation
package import Images

extension Store {
    /// Returns nil if there is no such image.
    package func image(_ id: UUID) async throws -> StoredImage? {
        try await database.read { connection in
            try connection.row(ImageSQL.one, [.id(id)]).map { row in
                var reader = RowReader(row)
                return StoredImage(id: try reader.id(), mediaType: try reader.text(), bytes: try reader.bytes())
            }
        }
    }

    /// Sets or, with nil, deletes the image of that kind and increments the instance's revision, in one transaction.
    /// Throws `StoreError.notFound` if the workspace has no such instance. Returns false if there was no image to
    /// delete.
    package func setImage(
        _ kind: ThemeImage.Kind, of instanceID: UUID, in workspace: Workspace, to picture: Image?, now: Date
    ) async throws -> Bool {
        let image = picture.map { ThemeImage(id: UUID(), of: $0) }
        let changed = try await database.write { connection in
            guard var instance = try Self.instance(instanceID, connection), instance.workspace == workspace else {
                throw StoreError.notFound
            }
            let former = instance.theme[keyPath: kind.property]
            guard former != nil || image != nil else { return false }
            if let former { try connection.execute(ImageSQL.replace, [.id(former.id), .date(now)]) }
            if let image, let picture {
                try connection.execute(
                    ImageSQL.insert,
                    [.id(image.id), .id(instanceID), .text(image.mediaType), .blob(picture.bytes), .date(now)])
            }
            instance.theme[keyPath: kind.property] = image
            instance.revision += 1
            try connection.execute(InstanceSQL.update, InstanceRow.arguments(instance))
            return true
        }
        if changed { onChange(.instance(instanceID)) }
        return changed
    }

    /// Deletes at most `limit` images that were replaced before `end`. Returns the number of deleted images.
    package func deleteImages(replacedBefore end: Date, limit: Int) async throws -> Int {
        try await database.write { try $0.execute(ImageSQL.deleteOld, [.date(end), .integer(limit)]) }
    }
}

/// Statements on `images`.
enum ImageSQL {
    static let one = "SELECT id, media_type, content FROM images WHERE id = ?1"
    static let insert =
        "INSERT INTO images (id, instance_id, media_type, content, created_at) VALUES (?1, ?2, ?3, ?4, ?5)"
    static let replace = "UPDATE images SET replaced_at = ?2 WHERE id = ?1"
    static let deleteOld = """
        DELETE FROM images WHERE id IN (SELECT id FROM images WHERE replaced_at < ?1 ORDER BY replaced_at LIMIT ?2)
        """
}
