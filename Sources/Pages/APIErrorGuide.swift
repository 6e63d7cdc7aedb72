import Foundation
import NetworkAddress

/// The explanations of the error codes of the control API: `api-errors.json`.
struct APIErrorGuide: Sendable {
    private let entries: [String: Entry]

    struct Entry: Sendable, Decodable {
        let status: String
        let type: String
        let meaning: String
        let remedy: String
    }

    /// Throws `PageFileError` if the file is missing or malformed.
    init(directories: [String]) throws {
        let files = PageFiles(directories: directories).files(under: "", withExtension: "json")
        guard let file = files.first(where: { $0.name == "api-errors" }) else {
            throw PageFileError(path: "api-errors.json", reason: "is missing")
        }
        guard let entries = try? JSONDecoder().decode([String: Entry].self, from: Data(file.bytes.streamSafeJSON))
        else {
            throw PageFileError(path: file.path, reason: "is not what a guide to error codes looks like")
        }
        self.entries = entries
    }

    subscript(code: String) -> Entry? { entries[code] }
}
