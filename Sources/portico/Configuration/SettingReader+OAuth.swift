import OAuth

extension SettingReader {
    /// Returns the addresses of the identity providers, by default the public ones.
    mutating func oauthSettings() -> OAuthSettings {
        let standard = OAuthSettings()
        return OAuthSettings(
            azureAuthority: address(.azureAuthority) ?? standard.azureAuthority,
            googleIssuer: address(.googleIssuer) ?? standard.googleIssuer,
            githubURL: address(.githubURL) ?? standard.githubURL,
            githubAPIURL: address(.githubAPIURL) ?? standard.githubAPIURL,
            githubPKCE: flag(.githubPKCE) ?? standard.githubPKCE, caCertificatePath: file(.oauthCACertificate))
    }

    private mutating func address(_ setting: Setting) -> String? {
        read(setting, "an address such as https://login.example.com") { text in
            let isAddress = ["https://", "http://"].contains { text.hasPrefix($0) && text.count > $0.count }
            return isAddress && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !text.contains("?") ? text : nil
        }
    }
}
