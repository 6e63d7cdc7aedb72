package import Captive
package import Foundation

/// The sign-in functions that the doctor needs.
package struct SignInDirectory: Sendable {
    /// The result of one check of an integration.
    package struct Check: Sendable, Equatable {
        package var name: String
        package var passed: Bool
        /// What was found. Contains no secrets.
        package var detail: String

        package init(_ name: String, passed: Bool, _ detail: String) {
            self.name = name
            self.passed = passed
            self.detail = detail
        }
    }

    /// Checks an integration as far as possible without a person.
    package var diagnose: @Sendable (AuthIntegration) async -> [Check]
    /// The redirect URI of a provider.
    package var redirectURI: @Sendable (AuthIntegration.Provider) -> String
    /// The signed path of an integration's test page. Secret: the path is all that is needed to run the test.
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
