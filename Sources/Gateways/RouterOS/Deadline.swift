/// The time by which a gateway call has to end, regardless of the number of requests.
struct Deadline: Sendable {
    private let end: ContinuousClock.Instant

    init(in duration: Duration = .seconds(9)) { end = .now.advanced(by: duration) }

    var left: Duration { ContinuousClock.now.duration(to: end) }
}
