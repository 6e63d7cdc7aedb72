import Foundation

/// Finds the folders that come with the program: beside it, in a folder above it (a build in its checkout), under
/// `share/portico` of the prefix it is installed in, or in the working directory.
enum ResourceLocator {
    static func path(_ name: String) -> String? {
        var places: [URL] = []
        if let program = Bundle.main.executableURL?.resolvingSymlinksInPath() {
            var folder = program.deletingLastPathComponent()
            for _ in 0..<5 {
                places += [folder.appending(path: name), folder.appending(path: "share/portico/\(name)")]
                folder = folder.deletingLastPathComponent()
            }
        }
        places.append(URL(filePath: FileManager.default.currentDirectoryPath).appending(path: name))
        return places.map { $0.path(percentEncoded: false) }.first { FileManager.default.fileExists(atPath: $0) }
    }
}
