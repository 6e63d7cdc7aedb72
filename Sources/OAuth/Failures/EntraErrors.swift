import Foundation
import NetworkAddress

/// Microsoft Entra's AADSTS error numbers that an admin can act on. Microsoft may change numbers; for an unknown number
/// the protocol's `error` decides.
enum EntraErrors {
    /// Returns the number in `AADSTS50105: …`; nil if there is none.
    static func number(in description: String?) -> Int? {
        guard let start = description?.range(of: "AADSTS") else { return nil }
        return description.flatMap { Int($0[start.upperBound...].prefix(while: \.isNumber), in: 0...9_999_999) }
    }

    static func kind(of number: Int) -> SignInFailure.Kind? { table[number]?.kind }
    static func meaning(of number: Int) -> String? { table[number]?.meaning }

    private static let table: [Int: (kind: SignInFailure.Kind, meaning: String)] = [
        50011: (.redirectMismatch, "the redirect address is not registered"),
        50020: (.accountRefused, "the account is not in this tenant"),
        500208: (.accountRefused, "this type of account is not valid for the tenant"),
        50034: (.accountRefused, "the user was not found"),
        50197: (.accountRefused, "the user was not found"),
        51004: (.accountRefused, "the user is not in the directory"),
        50053: (.accountRefused, "the account is locked, or the address is blocked"),
        50057: (.accountRefused, "the user is disabled"),
        50105: (.accountRefused, "the user is not assigned to the application"),
        50076: (.policyRefused, "a second factor is needed"),
        50079: (.policyRefused, "a second factor must be set up first"),
        50127: (.policyRefused, "a broker app is required, which cannot work in a captive window"),
        53000: (.policyRefused, "Conditional Access requires a compliant device"),
        53001: (.policyRefused, "Conditional Access requires a joined device"),
        53002: (.policyRefused, "Conditional Access requires an approved app, which cannot work in a captive window"),
        53003: (.policyRefused, "Conditional Access blocks the sign-in"),
        53004: (.policyRefused, "a second factor must be set up first"),
        530035: (.policyRefused, "security defaults block the sign-in"),
        220450: (.policyRefused, "the version of Android's WebView is not supported"),
        50089: (.codeRefused, "the sign-in took too long"),
        54005: (.codeRefused, "the code was redeemed before"),
        70008: (.codeRefused, "the code has expired"),
        700005: (.tenantMismatch, "the code was redeemed at another tenant's path"),
        501481: (.proofKeyRefused, "the code verifier does not match the code challenge"),
        50147: (.proofKeyRefused, "the code challenge has a wrong size"),
        501491: (.proofKeyRefused, "the code challenge has a wrong size"),
        50194: (.tenantMismatch, "/common was used with an application of a single tenant"),
        9002332: (.tenantMismatch, "/consumers was used with an application for work accounts only"),
        90038: (.tenantMismatch, "the tenant is in another national cloud"),
        90002: (.tenantUnknown, "the tenant was not found"),
        65001: (.consentRequired, "no user or administrator has consented to the application"),
        65004: (.denied, "the user declined to consent"),
        90094: (.consentRequired, "an administrator's consent is required"),
        70002: (.secretWrong, "the client secret is wrong"),
        7000215: (.secretWrong, "the client secret is wrong"),
        7000218: (.secretWrong, "the client secret is missing"),
        7000222: (.secretExpired, "the client secret has expired"),
        700016: (.clientUnknown, "the application was not found in the tenant"),
        70011: (.requestRefused, "a scope is not valid"),
        90014: (.requestRefused, "a field is missing"),
        900144: (.requestRefused, "a field is missing"),
        9002313: (.requestRefused, "the request is malformed"),
        900561: (.interactionRequired, "the page was opened with the back button"),
        90055: (.unavailable, "too many requests"),
        50196: (.unavailable, "the client sends requests in a loop"),
    ]
}
