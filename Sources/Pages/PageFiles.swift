import Foundation

/// The files of the pages. A file in an earlier directory overrides the same file in a later one, so an operator may
/// override a single file.
struct PageFiles {
    let directories: [String]

    /// A file in a directory; `name` is its path without the extension, as templates refer to one another.
    struct File {
        let name: String
        let path: String
        let bytes: [UInt8]
    }

    /// Returns the files with the extension, at any depth below `folder` ("" for all), sorted by name.
    func files(under folder: String, withExtension fileExtension: String) -> [File] {
        var found: [String: File] = [:]
        for directory in directories {
            let root = folder.isEmpty ? directory : directory + "/" + folder
            for name in Self.names(in: root, ending: "." + fileExtension) where found[name] == nil {
                let path = "\(root)/\(name).\(fileExtension)"
                guard let data = FileManager.default.contents(atPath: path) else { continue }
                found[name] = File(name: name, path: path, bytes: [UInt8](data))
            }
        }
        return found.values.sorted { $0.name < $1.name }
    }

    private static func names(in root: String, ending: String) -> [String] {
        // Foundation lists a folder that is a symbolic link as empty.
        let folder = URL(filePath: root).resolvingSymlinksInPath().path(percentEncoded: false)
        guard let paths = FileManager.default.enumerator(atPath: folder) else { return [] }
        return paths.compactMap { $0 as? String }.filter { $0.hasSuffix(ending) }.map {
            String($0.dropLast(ending.count))
        }
    }
}

/// A file that the pages need is missing or unusable. The operator sees this error at start.
package struct PageFileError: Error, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String { "\(path) \(reason)" }
}
