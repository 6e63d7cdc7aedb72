internal import NetworkAddress
internal import Synchronization

/// One call at a time for each device; calls for different devices do not wait for each other.
final class DeviceTurns: Sendable {
    /// Devices with a call under way, each with those that wait for it.
    private let busy = Mutex<[MACAddress: ArraySlice<CheckedContinuation<Void, Never>>]>([:])

    func take(_ device: MACAddress) async {
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

    func give(_ device: MACAddress) {
        let next = busy.withLock { busy in
            let next = busy[device]?.popFirst()
            if next == nil { busy[device] = nil }
            return next
        }
        next?.resume()
    }
}
