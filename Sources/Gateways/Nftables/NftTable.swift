internal import Captive
internal import Foundation
internal import NetworkAddress

/// A site's table in the kernel, written and read by the program nft. Changes that come together go in one transaction.
struct NftTable: Sendable {
    let ruleset: NftRuleset
    private let nft: ChildProgram
    private let changes: CoalescedReads<String, Never, NftFault>
    private let notes: CoalescedReads<String, Never, NftFault>

    /// Where distributions keep it.
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
        notes = CoalescedReads(limit: 256, read: transact)
    }

    /// Returns once the kernel has taken all of `text`.
    func change(_ text: String) async throws(NftFault) { _ = try await changes.rows(for: text) }

    /// As `change`, for what may fail: it shares no transaction with what matters more.
    func note(_ text: String) async { _ = try? await notes.rows(for: text) }

    /// Nil if there is no such table.
    func listing() async throws(NftFault) -> NftListing? {
        let outcome = await nft.run(["-j", "list", "table", "inet", ruleset.table])
        guard outcome.code == 0 else {
            let fault = NftFault(outcome)
            if case .absent = fault { return nil }
            throw fault
        }
        guard let listing = NftListing(json: outcome.output) else {
            throw .error(.refused("nft prints JSON that this portal does not understand"))
        }
        return listing
    }
}
