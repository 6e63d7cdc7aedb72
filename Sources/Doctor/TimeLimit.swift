/// Returns the result of `work`, or `late` if it takes longer than `limit`. `work` is then cancelled and must end soon,
/// because the function waits for it.
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
