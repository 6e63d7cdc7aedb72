internal import Foundation
internal import HTTPServer

/// Serves the REST interface: turns HTTP requests into router calls.
struct RouterResponder: Responder {
    let router: SimulatedRouter

    let bodyLimit = 1 << 20

    func respondImmediately(to request: Request) -> Response? {
        guard request.path.hasPrefix("/rest/"), router.release.hasREST else { return .text(.notFound, "Not Found") }
        guard request.method != .head else { return .text(.notImplemented, "Not Implemented") }
        return router.answer(RouterCall(request)).map(Self.response)
    }

    func respond(to request: Request) async -> Response {
        let (fault, answer) = router.answerWithFault(RouterCall(request))
        switch fault {
        case .refuse(let status, let detail):
            return Self.response(RouterRefusal.of(status: status, detail: detail).answer)
        case .garbage: return .text(.ok, "<html>It works!</html>")
        case .delay(let duration): try? await Task.sleep(for: duration)
        // The server cancels the task when the client disconnects.
        case .hang, .loseAnswer, .drop, .fatal, .reboot: try? await Task.sleep(for: .seconds(3_600))
        case nil: break
        }
        return answer.map(Self.response) ?? .text(.serviceUnavailable, "No answer")
    }

    private static func response(_ answer: RouterAnswer) -> Response {
        let json = answer.json
        let body = json.isEmpty ? Response.Body.empty : .bytes(json)
        return Response(Status(rawValue: answer.status), headers: ["Content-Type": "application/json"], body: body)
    }
}
