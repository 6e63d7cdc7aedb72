import Foundation
import Testing

@testable import Pages

struct PageCacheTests {
    @Test func `a page is rendered once for a revision, a language and a page`() {
        let (cache, id) = (PageCache<Int>(), UUID())
        var rendered = 0
        func ask(_ page: GuestPage, _ tag: String, revision: Int, isPreview: Bool = false) -> Int {
            cache.page(PageKey(page, languageTag: tag, instanceID: id, revision: revision, isPreview: isPreview)) {
                rendered += 1
                return rendered
            }
        }
        #expect(ask(.coupon(), "en", revision: 1) == 1)
        #expect(ask(.coupon(), "en", revision: 1) == 1)
        #expect(ask(.coupon(), "de", revision: 1) == 2)
        #expect(ask(.coupon(.wrong), "en", revision: 1) == 3)
        #expect(ask(.coupon(), "en", revision: 1, isPreview: true) == 4)
        #expect(ask(.coupon(), "en", revision: 2) == 5)
        #expect(ask(.coupon(), "en", revision: 2) == 5)
    }

    @Test func `pages of an older revision are evicted and do not come back`() {
        let (cache, id) = (PageCache<String>(), UUID())
        for tag in ["en", "de", "fr"] { _ = cache.page(Self.key(id, 1, tag)) { "old" } }
        #expect(cache.count == 3)
        _ = cache.page(Self.key(id, 2, "en")) { "new" }
        #expect(cache.count == 1)
        _ = cache.page(Self.key(id, 1, "en")) { "old" }
        #expect(cache.cached(Self.key(id, 2, "en")) == "new")
        #expect(cache.count == 1)
    }

    @Test func `a page with content of one guest is never cached`() {
        let cache = PageCache<Int>()
        for page in ShippedPages.pages where !page.isShared { _ = cache.page(PageKey(page, languageTag: "en")) { 1 } }
        #expect(cache.count == 0)
        #expect(!GuestPage.coupon(code: "7KQ4MX").isShared)
        #expect(!GuestPage.online(ShippedPages.online).isShared)
        #expect(!GuestPage.ended(.expired, again: "/preauth?token=t").isShared)
    }

    @Test func `pages without requests are evicted, pages with requests are kept`() {
        let (cache, favourite) = (PageCache<Int>(capacity: 100), UUID())
        _ = cache.page(Self.key(favourite, 1, "en")) { 1 }
        for _ in 0..<1000 {
            _ = cache.page(Self.key(UUID(), 1, "en")) { 0 }
            _ = cache.page(Self.key(favourite, 1, "en")) { 2 }
        }
        #expect(cache.cached(Self.key(favourite, 1, "en")) == 1)
        #expect(cache.count <= 100)
    }

    @Test func `many threads may ask at once`() async {
        let (cache, ids) = (PageCache<Int>(capacity: 16), (0..<32).map { _ in UUID() })
        await withTaskGroup(of: Bool.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    (0..<2000).allSatisfy { turn in
                        let index = (turn * 7 + worker) % ids.count
                        return cache.page(Self.key(ids[index], 1, "en")) { index } == index
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
        #expect(cache.count <= 16)
    }

    private static func key(_ id: UUID, _ revision: Int, _ tag: String) -> PageKey {
        PageKey(.coupon(), languageTag: tag, instanceID: id, revision: revision)
    }
}
