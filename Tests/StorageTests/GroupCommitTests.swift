import Captive
import Foundation
import Synchronization
import Testing

@testable import Storage

@Suite struct GroupCommitTests {
    /// Holds back the first commit until it is released, counts commits, and can make them fail.
    private final class Gate: Database {
        let base: any Database
        let commits = Mutex(0)
        private let losesCommits: Bool
        private let opening: AsyncStream<Void>
        let open: @Sendable () -> Void

        init(_ base: any Database, losesCommits: Bool = false) {
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
            (self.base, self.losesCommits, opening) = (base, losesCommits, stream)
            open = { continuation.finish() }
        }

        func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
            try await base.read(body)
        }

        func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
            commits.withLock { $0 += 1 }
            for await _ in opening {}
            let losesCommits = losesCommits
            return try await base.write { connection in
                let value = try body(connection)
                if losesCommits { throw StorageError.full }
                return value
            }
        }

        func close() throws { try base.close() }
    }

    private static let insert = "INSERT INTO api_tokens VALUES (?1, 'default', 'captive:read', 1, 1, NULL)"

    /// Runs 50 writers, of which number 13 throws after it has written. Returns the result of each.
    private func runWriters(over gate: Gate) async -> [Int: Result<Int, any Error>] {
        let group = GroupCommit(gate)
        return await withTaskGroup(of: (Int, Result<Int, any Error>).self) { tasks in
            tasks.addTask { await Self.outcome(of: 0, in: group) }
            while gate.commits.withLock({ $0 }) == 0 { await Task.yield() }
            // The first writer's commit is held back; all others gather for the next.
            for number in 1..<50 { tasks.addTask { await Self.outcome(of: number, in: group) } }
            while group.waitingWriters < 49 { await Task.yield() }
            gate.open()
            return await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private static func outcome(
        of number: Int, in group: GroupCommit
    ) async -> (Int, Result<Int, any Error>) {
        do {
            return (number, .success(try await group.write { try write(number, $0) }))
        } catch { return (number, .failure(error)) }
    }

    private static func write(_ number: Int, _ connection: any SQLConnection) throws -> Int {
        try connection.execute(insert, [.blob(Array(repeating: UInt8(number), count: 16))])
        if number == 13 { throw Venue.Unexpected() }
        return number
    }

    @Test(arguments: StorageBackend.all)
    func `writers that wait share a commit, and one that throws undoes its own writes only`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let gate = Gate(venue.database)
        let results = await runWriters(over: gate)
        for (number, result) in results {
            if number == 13 {
                #expect(throws: Venue.Unexpected.self) { try result.get() }
            } else {
                #expect(try result.get() == number)
            }
        }
        let kept = try await venue.store.tokens().map { $0.id.uuid.0 }
        #expect(Set(kept) == Set((0..<50).filter { $0 != 13 }.map { UInt8($0) }))
        #expect(gate.commits.withLock { $0 } == 2)
    }

    @Test(arguments: StorageBackend.all)
    func `when the commit fails no writer gets a success`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let results = await runWriters(over: Gate(venue.database, losesCommits: true))
        #expect(results.count == 50)
        for result in results.values { #expect(throws: StorageError.full) { try result.get() } }
        #expect(try await venue.store.tokens().isEmpty)
    }
}
