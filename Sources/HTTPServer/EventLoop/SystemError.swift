internal import Glibc

/// A system call that failed.
package struct SystemError: Error, Sendable, CustomStringConvertible {
    /// With what it was called for, if that helps.
    package let call: String
    /// The value of `errno`.
    package let code: Int32

    /// Call and the system's words for the error.
    package var description: String { "\(call): \(String(cString: strerror(code)))" }

    /// `result`, unless it is negative; then throws what `errno` says.
    static func check(_ result: Int32, _ call: String) throws -> Int32 {
        guard result >= 0 else { throw SystemError(call: call, code: errno) }
        return result
    }
}
