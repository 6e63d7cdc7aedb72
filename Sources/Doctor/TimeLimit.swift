/// Returns what `work` returns, or `late` if that takes longer than `limit`; the work is then cancelled.
///
/// The work has to end soon after it is cancelled, since it is waited for.
func within<Value: Sendable>(
    _ limit: Duration, late: Value, _ work: @escaping @Sendable () async -> Value
) async -> Value {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await work() }
        group.addTask {
            try? await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return await group.next()?.map { $0 } ?? late
    }
}
