internal import CLinux
internal import Glibc
internal import Synchronization

/// Handles the events of a descriptor: a listening socket or a connection. Called on the loop's thread only.
protocol EventHandler: AnyObject {
    /// The descriptor is ready for `events` (`EPOLLIN`, `EPOLLOUT`, `EPOLLERR`, `EPOLLHUP`).
    func ready(_ events: UInt32)
    /// Called about once a second.
    func tick()
}

/// One thread that waits in epoll_wait, and the executor of the tasks of its connections.
///
/// A task with this executor preference runs on the loop's thread whenever it is not isolated to an actor, so a handler
/// can respond on its connection without a thread hop or a lock.
///
/// `@unchecked Sendable`: Safe because all mutable fields except `inbox` are used on the loop's thread only, which
/// `preconditionIsCurrent` checks, and `inbox` has a mutex.
final class EventLoop: TaskExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var work: [@Sendable () -> Void] = []
        var isStopping = false
        var hasExited = false
    }

    private let epoll: Int32
    private let wakeup: Int32
    private let inbox = Mutex(Inbox())
    private let thread = Atomic<UInt>(0)
    private var jobs: [UnownedJob] = []
    private var handlers: [(handler: (any EventHandler)?, generation: UInt32, isRegistered: Bool)] = []
    private var nextTick = MonotonicTime.now
    private var tasks = 0
    /// When the current events were fetched.
    private(set) var now = MonotonicTime.now

    private static let eventsAtOnce = 256
    private static let tickInterval = Duration.seconds(1)
    private static let wakeupToken = UInt64.max

    /// Throws `SystemError` if the process has no free file descriptors.
    init() throws {
        epoll = try SystemError.check(epoll_create1(Int32(EPOLL_CLOEXEC)), "epoll_create1")
        wakeup = try SystemError.check(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)), "eventfd")
        _ = clinux_epoll_control(epoll, EPOLL_CTL_ADD, wakeup, EPOLLIN.rawValue, EventLoop.wakeupToken)
    }

    deinit {
        close(epoll)
        close(wakeup)
    }

    var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    func preconditionIsCurrent() { precondition(isCurrent, "used off its event loop") }

    /// Starts the thread. Call once.
    func start(name: String) throws {
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(Start(loop: self, name: name))
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                clinux_name_thread(start.name)
                start.loop.run()
                return nil
            }, argument.toOpaque())
        guard status == 0 else {
            argument.release()
            throw SystemError(call: "pthread_create", code: status)
        }
        pthread_detach(thread)
    }

    private final class Start {
        let loop: EventLoop
        let name: String

        init(loop: EventLoop, name: String) { (self.loop, self.name) = (loop, name) }
    }

    /// Runs `work` on the loop's thread soon, or on the caller's thread at once if the loop's thread has ended.
    func execute(_ work: @escaping @Sendable () -> Void) {
        let hasExited = inbox.withLock { inbox in
            if !inbox.hasExited { inbox.work.append(work) }
            return inbox.hasExited
        }
        if hasExited { work() } else { wake() }
    }

    /// Ends the thread once no task of a connection is running.
    func stop() {
        inbox.withLock { $0.isStopping = true }
        wake()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent { return jobs.append(job) }
        let hasExited = inbox.withLock { inbox in
            if !inbox.hasExited { inbox.jobs.append(job) }
            return inbox.hasExited
        }
        // Tasks that outlive the loop run on the global executor.
        if hasExited { globalConcurrentExecutor.enqueue(job) } else { wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }
}

// On the loop's thread.
extension EventLoop {
    /// Starts a task that prefers this loop, and keeps the loop alive until the task ends.
    func startTask(_ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        preconditionIsCurrent()
        tasks += 1
        return Task(executorPreference: self) {
            await operation()
            self.tasks -= 1
        }
    }

    /// Watches `descriptor` for `events`, replacing the events that it was watched for.
    func watch(_ descriptor: Int32, for events: UInt32, _ handler: any EventHandler) {
        let index = Int(descriptor)
        while handlers.count <= index { handlers.append((nil, 0, false)) }
        let isRegistered = handlers[index].isRegistered
        handlers[index].handler = handler
        handlers[index].isRegistered = true
        let token = UInt64(handlers[index].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        let operation = isRegistered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD
        _ = clinux_epoll_control(epoll, operation, descriptor, events, token)
    }

    /// Stops watching `descriptor`, which its owner is about to close. Events already fetched for it are dropped.
    func unwatch(_ descriptor: Int32) {
        let index = Int(descriptor)
        guard index < handlers.count, handlers[index].handler != nil else { return }
        handlers[index] = (nil, handlers[index].generation &+ 1, false)
    }

    /// All registered handlers.
    var all: [any EventHandler] { handlers.compactMap(\.handler) }

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EventLoop.eventsAtOnce)
        defer { events.deallocate() }
        while !mayExit() {
            let timeout = jobs.isEmpty ? max(0, nextTick.milliseconds - now.milliseconds) : 0
            let count = epoll_wait(epoll, events, Int32(EventLoop.eventsAtOnce), Int32(timeout))
            now = .now
            for index in 0..<max(0, Int(count)) { dispatch(events[index]) }
            runJobs()
            if now >= nextTick { tick() }
        }
    }

    private func dispatch(_ event: epoll_event) {
        let token = event.data.u64
        guard token != EventLoop.wakeupToken else { return takeInbox() }
        let index = Int(token & 0xFFFF_FFFF)
        guard handlers[index].generation == UInt32(token >> 32) else { return }
        handlers[index].handler?.ready(event.events)
    }

    private func takeInbox() {
        var count: UInt64 = 0
        _ = read(wakeup, &count, 8)
        let work = inbox.withLock { inbox in
            jobs += inbox.jobs
            inbox.jobs.removeAll(keepingCapacity: true)
            defer { inbox.work = [] }
            return inbox.work
        }
        for piece in work { piece() }
    }

    /// Runs the jobs queued now. Jobs that they enqueue run after the next epoll_wait.
    private func runJobs() {
        guard !jobs.isEmpty else { return }
        let present = jobs
        jobs.removeAll(keepingCapacity: true)
        for job in present { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func tick() {
        nextTick = now + EventLoop.tickInterval
        for handler in all { handler.tick() }
    }

    private func mayExit() -> Bool {
        guard tasks == 0, jobs.isEmpty else { return false }
        return inbox.withLock { inbox in
            guard inbox.isStopping, inbox.jobs.isEmpty, inbox.work.isEmpty else { return false }
            inbox.hasExited = true
            return true
        }
    }
}
