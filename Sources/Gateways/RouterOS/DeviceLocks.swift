internal import NetworkAddress
internal import Synchronization

/// A lock for each device. Calls for different devices do not wait for each other.
final class DeviceLocks: Sendable {
    /// Locked devices, each with its waiting callers.
    private let busy = Mutex<[MACAddress: ArraySlice<CheckedContinuation<Void, Never>>]>([:])

    func acquire(_ device: MACAddress) async {
        await withCheckedContinuation { continuation in
            let isFree = busy.withLock { busy in
                guard busy[device] != nil else {
                    busy[device] = []
                    return true
                }
                busy[device]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func release(_ device: MACAddress) {
        let next = busy.withLock { busy in
            let next = busy[device]?.popFirst()
            if next == nil { busy[device] = nil }
            return next
        }
        next?.resume()
    }
}
