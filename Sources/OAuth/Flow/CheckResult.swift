/// One check of a sign-in, as an admin reads it.
package struct CheckResult: Sendable, Equatable {
    /// A few words, such as `nonce` or `token answer`.
    package var name: String
    package var passed: Bool
    /// What was seen; never a token, a code or a secret.
    package var detail: String

    package init(_ name: String, passed: Bool, _ detail: String) {
        self.name = name
        self.passed = passed
        self.detail = detail
    }
}

/// The checks of one sign-in so far. The first that fails ends it.
struct CheckList {
    private(set) var results: [CheckResult] = []

    mutating func pass(_ name: String, _ detail: String) { results.append(CheckResult(name, passed: true, detail)) }

    /// Notes the check, and throws `kind` if it fails.
    mutating func require(
        _ passed: Bool, _ name: String, _ detail: String, else kind: SignInFailure.Kind, words: String? = nil
    ) throws(SignInFailure) {
        results.append(CheckResult(name, passed: passed, detail))
        if !passed { throw SignInFailure(kind, detail: detail, words: words, checks: results) }
    }

    /// Runs a step that may fail by itself, and notes how it went.
    mutating func step<Value>(
        _ name: String, _ detail: String, _ body: () async throws(SignInFailure) -> Value
    ) async throws(SignInFailure) -> Value {
        do {
            let value = try await body()
            pass(name, detail)
            return value
        } catch {
            results.append(CheckResult(name, passed: false, error.detail))
            throw error.with(results)
        }
    }
}
