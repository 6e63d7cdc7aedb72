import Foundation

/// Writes lines to standard output without buffering, for programs that read them while this program runs.
enum StandardOutput {
    static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
