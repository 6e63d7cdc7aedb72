/// Statements on `images`.
enum ImageSQL {
    static let one = "SELECT id, media_type, content FROM images WHERE id = ?1"
    static let insert =
        "INSERT INTO images (id, instance_id, media_type, content, created_at) VALUES (?1, ?2, ?3, ?4, ?5)"
    static let replace = "UPDATE images SET replaced_at = ?2 WHERE id = ?1"
    static let forget = """
        DELETE FROM images WHERE id IN (SELECT id FROM images WHERE replaced_at < ?1 ORDER BY replaced_at LIMIT ?2)
        """
}
