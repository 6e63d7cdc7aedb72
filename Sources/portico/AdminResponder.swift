import Foundation
import HTTPServer
import NetworkAddress

/// The admin listener's endpoints: liveness, readiness and metrics (Prometheus text format 0.0.4).
struct AdminResponder: Responder {
    let readiness: Readiness
    let portal: Server

    func respondImmediately(to request: Request) -> Response? {
        switch request.path {
        case "/healthz": .text(.ok, "ok\n")
        case "/metrics": metrics()
        case "/readyz": nil
        default: .text(.notFound, "Not found. Endpoints: /healthz, /readyz, /metrics\n")
        }
    }

    func respond(to request: Request) async -> Response {
        guard let problem = await readiness.problem() else { return .text(.ok, "ready\n") }
        return .text(.serviceUnavailable, "not ready: \(problem)\n")
    }

    func refusal(_ status: Status, path: String?) -> Response? { nil }

    private func metrics() -> Response {
        let metrics =
            portal.statistics.metrics + [
                Metric(
                    name: "portico_resident_bytes", kind: .gauge, help: "Resident memory in bytes.",
                    value: Double(residentBytes())
                )
            ]
        var response = Response.text(.ok, metrics.map(\.text).joined())
        response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
        return response
    }

    private func residentBytes() -> Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return (fields.count > 1 ? Int(fields[1], in: 0...1 << 40) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// One metric in Prometheus' text format.
struct Metric {
    enum Kind: String { case counter, gauge }

    var name: String
    var kind: Kind
    var help: String
    var value: Double

    var text: String { "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n\(name) \(value)\n" }
}

extension Server.Statistics {
    var metrics: [Metric] {
        [
            Metric(
                name: "portico_connections_accepted_total", kind: .counter, help: "TCP connections accepted.",
                value: Double(accepted)),
            Metric(name: "portico_connections_open", kind: .gauge, help: "Open TCP connections.", value: Double(open)),
            Metric(
                name: "portico_requests_total", kind: .counter, help: "HTTP requests handled.", value: Double(requests)),
        ]
    }
}
