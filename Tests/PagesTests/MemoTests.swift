import Testing

@testable import Pages

struct MemoTests {
    @Test func `an answer is computed once`() {
        let memo = Memo<Int, Int>(capacity: 8)
        var worked = 0
        for _ in 0..<3 {
            let answer = memo.answer(21) {
                worked += 1
                return 42
            }
            #expect(answer == 42)
        }
        #expect(worked == 1)
    }

    @Test func `a flood of questions keeps at most the capacity, and correct answers`() {
        let memo = Memo<Int, Int>(capacity: 8)
        for question in 0..<1000 { #expect(memo.answer(question) { question * 2 } == question * 2) }
        let kept = (0..<1000).count { question in
            var isNew = false
            _ = memo.answer(question) {
                isNew = true
                return question * 2
            }
            return !isNew
        }
        #expect(kept <= 8)
    }

    @Test func `many threads may ask at once`() async {
        let memo = Memo<Int, Int>(capacity: 16)
        await withTaskGroup(of: Bool.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    (0..<2000).allSatisfy { turn in
                        memo.answer((turn + worker) % 32) { (turn + worker) % 32 } == (turn + worker) % 32
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
