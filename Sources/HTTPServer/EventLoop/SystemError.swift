internal import Glibc

/// A system call that failed.
package struct SystemError: Error, Sendable, CustomStringConvertible {
    /// Name of the call, with its subject if that is useful.
    package let call: String
    /// The value of `errno`.
    package let code: Int32

    /// The call and the system's description of the error.
    package var description: String { "\(call): \(String(cString: strerror(code)))" }

    /// Returns `result`; throws `errno` if it is negative.
    static func check(_ result: Int32, _ call: String) throws -> Int32 {
        guard result >= 0 else { throw SystemError(call: call, code: errno) }
        return result
    }
}
