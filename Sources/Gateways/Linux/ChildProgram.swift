internal import CLinux
internal import Dispatch
internal import Glibc
internal import NetworkAddress

/// Runs a program of this machine without a shell. Runs of one `ChildProgram` are sequential.
struct ChildProgram: Sendable {
    /// The result of a run.
    struct Outcome: Sendable {
        /// The exit code, 128 plus a signal's number, or a negative `errno`: the program did not start, was too slow,
        /// or wrote too much.
        var code: Int
        /// The code of a run whose output is too long.
        static let tooMuch = -Int(EFBIG)
        var output: [UInt8]
        var error: String
    }

    let path: String
    private let queue: DispatchQueue

    /// Uses the first executable of `paths`. Returns nil if there is none.
    init?(oneOf paths: [String]) {
        guard let path = paths.first(where: { access($0, X_OK) == 0 }) else { return nil }
        self.path = path
        queue = DispatchQueue(label: "portico.child")
    }

    /// Runs the program with `input` as its standard input, and kills it after `limit`. Does not block the caller's
    /// thread.
    func run(_ arguments: [String], input: String = "", atMost limit: Duration = .seconds(5)) async -> Outcome {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: runNow(arguments, input, limit)) }
        }
    }

    // The streams are files in memory, so that a full pipe cannot block the program.
    private func runNow(_ arguments: [String], _ input: String, _ limit: Duration) -> Outcome {
        let streams = (0..<3).map { _ in clinux_memory_file() }
        defer { for stream in streams where stream >= 0 { close(stream) } }
        guard streams.allSatisfy({ $0 >= 0 }) else {
            return Outcome(code: Int(streams.min() ?? -1), output: [], error: "")
        }
        write(input, to: streams[0])
        let child = start(arguments, streams)
        guard child > 0 else { return Outcome(code: Int(child), output: [], error: "") }
        let code = clinux_wait(child, Int32(limit.components.seconds * 1_000))
        guard let output = read(streams[1]), let error = read(streams[2]) else {
            return Outcome(code: Outcome.tooMuch, output: [], error: "")
        }
        return Outcome(code: Int(code), output: output, error: String(streamSafe: error))
    }

    private func start(_ arguments: [String], _ streams: [Int32]) -> Int32 {
        var texts = ([path] + arguments).map { strdup($0) }
        defer { for text in texts { free(text) } }
        texts.append(nil)
        return clinux_spawn(&texts, streams[0], streams[1], streams[2])
    }

    private func write(_ text: String, to stream: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(stream, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
        lseek(stream, 0, SEEK_SET)
    }

    /// Bytes. A listing of the packet filter with full sets has about 12 MB.
    private static let longestOutput = 32 << 20

    /// Returns nil if the stream has more than `longestOutput` bytes.
    private func read(_ stream: Int32) -> [UInt8]? {
        let size = Int(lseek(stream, 0, SEEK_END))
        guard size > 0 else { return [] }
        guard size <= Self.longestOutput else { return nil }
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = max(0, pread(stream, buffer.baseAddress, size, 0))
        }
    }
}
