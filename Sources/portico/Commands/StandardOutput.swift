import Foundation

/// Lines that a program reads while this one runs on: written at once, whatever standard output is.
enum StandardOutput {
    static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
