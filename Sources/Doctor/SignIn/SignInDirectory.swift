package import Captive
package import Foundation

/// What the doctor has to be told of signing in at identity providers.
package struct SignInDirectory: Sendable {
    /// One check of an integration, as an admin reads it.
    package struct Check: Sendable, Equatable {
        package var name: String
        package var passed: Bool
        /// What was seen; never a secret.
        package var detail: String

        package init(_ name: String, passed: Bool, _ detail: String) {
            self.name = name
            self.passed = passed
            self.detail = detail
        }
    }

    /// What can be checked of an integration without a person.
    package var diagnose: @Sendable (AuthIntegration) async -> [Check]
    /// Where the provider sends guests back to.
    package var redirectURI: @Sendable (AuthIntegration.Provider) -> String
    /// The path of an integration's signed test page. Secret: whoever has it may run the test.
    package var testPath: @Sendable (UUID) -> String

    package init(
        diagnose: @escaping @Sendable (AuthIntegration) async -> [Check],
        redirectURI: @escaping @Sendable (AuthIntegration.Provider) -> String,
        testPath: @escaping @Sendable (UUID) -> String
    ) {
        self.diagnose = diagnose
        self.redirectURI = redirectURI
        self.testPath = testPath
    }
}
