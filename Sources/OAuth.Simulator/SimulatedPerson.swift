/// A person with an account at the simulated providers.
package struct SimulatedPerson: Sendable {
    /// Value of the account's button on the sign-in page.
    package var id: String
    package var name: String
    package var email: String
    /// The person's tenant at Microsoft.
    package var tenant: String
    /// The Workspace domain at Google; nil for a private account.
    package var domain: String?
    package var githubID: Int
    package var githubLogin: String
    /// Kind of account, shown on the sign-in page.
    package var kind: String
    /// The error and description with which Microsoft refuses the sign-in; nil if it succeeds.
    package var refusal: (error: String, description: String)?

    /// The tenant of all personal accounts.
    static let personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

    /// Three people who can sign in, and one whose organisation requires an administrator's consent.
    package static let demo = [
        SimulatedPerson(
            id: "anna", name: "Anna Lindqvist", email: "anna@aurora.example",
            tenant: "6f1c2d3e-4a5b-4c6d-8e7f-9a0b1c2d3e4f", domain: "aurora.example", githubID: 583_231,
            githubLogin: "annalind", kind: "Work account, Aurora Group"),
        SimulatedPerson(
            id: "ben", name: "Ben Okafor", email: "ben.okafor@mail.example", tenant: personalTenant, domain: nil,
            githubID: 1_024_025, githubLogin: "benok", kind: "Personal account"),
        SimulatedPerson(
            id: "chiara", name: "Chiara Rossi", email: "chiara@borealis.example",
            tenant: "0c9d8e7f-6a5b-4c3d-9e1f-0a9b8c7d6e5f", domain: "borealis.example", githubID: 77_881,
            githubLogin: "chiarossi", kind: "Work account, Borealis AG"),
        SimulatedPerson(
            id: "dan", name: "Dan Novak", email: "dan@cumulus.example",
            tenant: "2b3c4d5e-6f70-4182-93a4-b5c6d7e8f901", domain: "cumulus.example", githubID: 90_210,
            githubLogin: "dannovak", kind: "Work account; Microsoft requires an administrator's consent",
            refusal: (
                "access_denied",
                "AADSTS90094: The grant requires admin permission. Trace ID: 7f1c Correlation ID: 9a2b"
            )),
    ]
}
