/// The result of one check of a sign-in, for admins.
package struct CheckResult: Sendable, Equatable {
    /// A short name, such as `nonce` or `token response`.
    package var name: String
    package var passed: Bool
    /// What was found. Contains no token, code or secret.
    package var detail: String

    package init(_ name: String, passed: Bool, _ detail: String) {
        self.name = name
        self.passed = passed
        self.detail = detail
    }
}

/// The checks of one sign-in so far. The first failed check ends the sign-in.
struct CheckList {
    private(set) var results: [CheckResult] = []

    mutating func pass(_ name: String, _ detail: String) { results.append(CheckResult(name, passed: true, detail)) }

    /// Adds the check. Throws a `SignInFailure` of `kind` if it failed.
    mutating func require(
        _ passed: Bool, _ name: String, _ detail: String, else kind: SignInFailure.Kind,
        providerMessage: String? = nil
    ) throws(SignInFailure) {
        results.append(CheckResult(name, passed: passed, detail))
        if !passed { throw SignInFailure(kind, detail: detail, providerMessage: providerMessage, checks: results) }
    }

    /// Runs `body` and adds its outcome. Rethrows its failure, with the checks so far.
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
