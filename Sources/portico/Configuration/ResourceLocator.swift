import Foundation

/// Finds the folders that are installed with the program: beside it, in a parent folder (a build in its checkout),
/// under `share/portico` of the installation prefix, or in the working directory.
enum ResourceLocator {
    static func path(_ name: String) -> String? {
        var candidates: [URL] = []
        if let program = Bundle.main.executableURL?.resolvingSymlinksInPath() {
            var folder = program.deletingLastPathComponent()
            for _ in 0..<5 {
                candidates += [folder.appending(path: name), folder.appending(path: "share/portico/\(name)")]
                folder = folder.deletingLastPathComponent()
            }
        }
        candidates.append(URL(filePath: FileManager.default.currentDirectoryPath).appending(path: name))
        return candidates.map { $0.path(percentEncoded: false) }.first { FileManager.default.fileExists(atPath: $0) }
    }
}
