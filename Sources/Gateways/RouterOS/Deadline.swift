/// The moment by which a gateway call must be over, however many requests it takes.
struct Deadline: Sendable {
    private let end: ContinuousClock.Instant

    init(in duration: Duration = .seconds(9)) { end = .now.advanced(by: duration) }

    var left: Duration { ContinuousClock.now.duration(to: end) }
}
