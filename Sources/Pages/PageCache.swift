package import Foundation
import Synchronization

/// A cache of pages in the form in which they are sent. Bounded, thread-safe; a hit costs one lock and two look-ups,
/// independent of the size.
///
/// It keeps only the pages of the newest revision of an instance. When half the capacity is in use, it evicts the pages
/// that were not requested since the previous eviction.
package final class PageCache<Page: Sendable>: Sendable {
    private let capacity: Int
    private let state = Mutex(State())

    private struct Variant: Hashable {
        let page: GuestPage
        let languageTag: String
        let isPreview: Bool
    }

    private struct Shelf {
        let revision: Int
        var pages: [Variant: Page] = [:]
    }

    /// Two generations: a requested page moves to the young one, and the old one is dropped as a whole.
    private struct State {
        var young: [UUID?: Shelf] = [:]
        var old: [UUID?: Shelf] = [:]
        var youngCount = 0
    }

    /// - Parameter capacity: approximate limit of pages; an 8 KB page takes 11 KB in both its forms.
    package init(capacity: Int = 8192) { self.capacity = capacity }

    /// Returns the cached page, or the result of `render`. A page with content of one guest is rendered each time.
    package func page(_ key: PageKey, render: () throws -> Page) rethrows -> Page {
        guard key.page.isShared else { return try render() }
        if let page = cached(key) { return page }
        let page = try render()
        let variant = Self.variant(key)
        state.withLock { keep(page, key, variant, in: &$0) }
        return page
    }

    /// Returns the page if it is cached.
    package func cached(_ key: PageKey) -> Page? {
        let variant = Self.variant(key)
        return state.withLock { state in
            if let shelf = state.young[key.instanceID], shelf.revision == key.revision, let page = shelf.pages[variant]
            {
                return page
            }
            guard let shelf = state.old[key.instanceID], shelf.revision == key.revision, let page = shelf.pages[variant]
            else { return nil }
            keep(page, key, variant, in: &state)
            return page
        }
    }

    /// The number of cached pages, for measurement.
    package var count: Int {
        state.withLock { state in
            state.youngCount + state.old.values.reduce(0) { $0 + $1.pages.count }
        }
    }

    private func keep(_ page: Page, _ key: PageKey, _ variant: Variant, in state: inout State) {
        let owner = key.instanceID
        if let newest = state.young[owner]?.revision, newest > key.revision { return }
        if state.youngCount >= max(capacity / 2, 1) {
            (state.old, state.young, state.youngCount) = (state.young, [:], 0)
        }
        if let shelf = state.young[owner], shelf.revision < key.revision {
            state.youngCount -= shelf.pages.count
            state.young[owner] = nil
        }
        if let shelf = state.old[owner], shelf.revision < key.revision { state.old[owner] = nil }
        let isNew =
            state.young[owner, default: Shelf(revision: key.revision)].pages.updateValue(page, forKey: variant) == nil
        if isNew { state.youngCount += 1 }
    }

    private static func variant(_ key: PageKey) -> Variant {
        Variant(page: key.page, languageTag: key.languageTag, isPreview: key.isPreview)
    }
}

/// A digest of the inputs of a page.
package struct PageKey: Hashable, Sendable {
    /// Nil for a page without an instance.
    package var instanceID: UUID?
    package var revision: Int
    package var page: GuestPage
    package var languageTag: String
    package var isPreview: Bool

    package init(
        _ page: GuestPage, languageTag: String, instanceID: UUID? = nil, revision: Int = 0, isPreview: Bool = false
    ) {
        self.instanceID = instanceID
        self.revision = revision
        self.page = page
        self.languageTag = languageTag
        self.isPreview = isPreview
    }
}
