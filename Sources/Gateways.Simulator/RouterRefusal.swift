/// An error response, with RouterOS's exact texts.
struct RouterRefusal: Error {
    let status: Int
    let message: String
    let detail: String?

    static let unauthorized = RouterRefusal(status: 401, message: "Unauthorized", detail: nil)
    static let notFound = RouterRefusal(status: 404, message: "Not Found", detail: nil)
    static let badID = RouterRefusal.bad("missing or invalid resource identifier")

    static func bad(_ detail: String) -> RouterRefusal {
        RouterRefusal(status: 400, message: "Bad Request", detail: detail)
    }

    static func failure(_ detail: String) -> RouterRefusal { bad("failure: \(detail)") }

    static func mismatch(_ argument: String) -> RouterRefusal { bad("input does not match any value of \(argument)") }

    static func noCommand(_ name: String) -> RouterRefusal { bad("no such command or directory (\(name))") }

    static func notAcceptable(_ command: String) -> RouterRefusal {
        RouterRefusal(status: 406, message: "Not Acceptable", detail: "no such command or directory (\(command))")
    }

    static func permission(_ detail: String) -> RouterRefusal {
        RouterRefusal(status: 500, message: "Internal Server Error", detail: detail)
    }

    static func of(status: Int, detail: String) -> RouterRefusal {
        let messages = [400: "Bad Request", 500: "Internal Server Error", 503: "Service Unavailable"]
        return RouterRefusal(status: status, message: messages[status] ?? "Error", detail: detail)
    }

    var json: String {
        var text = "{"
        if let detail { text += "\"detail\":\(WireJSON.quoted(detail))," }
        return text + "\"error\":\(status),\"message\":\(WireJSON.quoted(message))}"
    }

    var answer: RouterAnswer { RouterAnswer(status: status, content: .refusal(self)) }
}
