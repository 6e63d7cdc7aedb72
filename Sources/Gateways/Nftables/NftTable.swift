internal import Captive
internal import Foundation
internal import NetworkAddress

/// A site's table in the kernel, written and read by the program nft. Concurrent changes share a transaction.
struct NftTable: Sendable {
    let ruleset: NftRuleset
    private let nft: ChildProgram
    private let changes: CoalescedReads<String, Never, NftFault>
    private let optionalChanges: CoalescedReads<String, Never, NftFault>

    /// The paths that distributions use.
    static let programs = ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft", "/usr/local/sbin/nft"]

    init(_ ruleset: NftRuleset, nft: ChildProgram) {
        self.ruleset = ruleset
        self.nft = nft
        let transact = { @Sendable (texts: [String]) async throws(NftFault) -> [Never] in
            let outcome = await nft.run(["-f", "-"], input: texts.joined())
            guard outcome.code == 0 else { throw NftFault(outcome) }
            return []
        }
        changes = CoalescedReads(limit: 256, read: transact)
        optionalChanges = CoalescedReads(limit: 256, read: transact)
    }

    /// Returns once the kernel has applied `text`.
    func change(_ text: String) async throws(NftFault) { _ = try await changes.rows(for: text) }

    /// As `change`, but ignores errors. Does not share a transaction with calls of `change`.
    func tryChange(_ text: String) async { _ = try? await optionalChanges.rows(for: text) }

    /// Returns nil if the table does not exist.
    func listing() async throws(NftFault) -> NftListing? {
        let outcome = await nft.run(["-j", "list", "table", "inet", ruleset.table])
        guard outcome.code == 0 else {
            let fault = NftFault(outcome)
            if case .absent = fault { return nil }
            throw fault
        }
        guard let listing = NftListing(json: outcome.output) else {
            throw .error(.refused("the portal cannot parse the output of nft"))
        }
        return listing
    }
}
