import HTTPServer

/// The API's description, for programs and for people. It describes itself too.
struct DescriptionResource {
    let document: ServedFile
    let page: @Sendable (Request) -> Response

    var section: Section {
        Section(
            "Description",
            "What this document and its page for people are made from: the definitions that serve the calls.",
            [
                .open(
                    "/openapi.json", older: [], "readDescription",
                    "Reads the API's description, an OpenAPI 3.1 document.",
                    query: .none, .content("application/json")
                ) { request, _ in document.response(to: request) },
                .open(
                    "/docs", older: [], "readReference", "Shows the description to people.", query: .none,
                    .content("text/html")
                ) { request, _ in page(request) },
            ])
    }
}
