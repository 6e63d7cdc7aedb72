import Testing

@testable import Pages

struct BoundedCacheTests {
    @Test func `a value is computed once`() {
        let cache = BoundedCache<Int, Int>(capacity: 8)
        var worked = 0
        for _ in 0..<3 {
            let value = cache.value(21) {
                worked += 1
                return 42
            }
            #expect(value == 42)
        }
        #expect(worked == 1)
        #expect(cache.cached(21) == 42 && cache.cached(22) == nil)
    }

    @Test func `any number of keys keeps at most the capacity, and correct values`() {
        let cache = BoundedCache<Int, Int>(capacity: 8)
        for key in 0..<1000 { #expect(cache.value(key) { key * 2 } == key * 2) }
        #expect(cache.totalCost <= 8)
        #expect((0..<1000).count { cache.cached($0) != nil } <= 8)
    }

    @Test func `values without requests are evicted, values with requests are kept`() {
        let cache = BoundedCache<Int, Int>(capacity: 100)
        _ = cache.value(-1) { 1 }
        for key in 0..<1000 {
            _ = cache.value(key) { 0 }
            #expect(cache.value(-1) { 2 } == 1)
        }
        #expect(cache.totalCost <= 100)
    }

    @Test func `the cost of the values is bounded`() {
        let cache = BoundedCache<Int, [UInt8]>(capacity: 100, cost: \.count)
        let bytes = [UInt8](repeating: 0, count: 20)
        cache.insert(bytes, for: -1)
        for key in 0..<50 {
            cache.insert(bytes, for: key)
            #expect(cache.cached(-1) != nil)
            #expect(cache.totalCost <= 100)
        }
    }

    @Test func `many threads may ask at once`() async {
        let cache = BoundedCache<Int, Int>(capacity: 16)
        await withTaskGroup(of: Bool.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    (0..<2000).allSatisfy { turn in
                        cache.value((turn + worker) % 32) { (turn + worker) % 32 } == (turn + worker) % 32
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
        #expect(cache.totalCost <= 16)
    }
}
