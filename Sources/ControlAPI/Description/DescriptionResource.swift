import HTTPServer

/// The description of the API: an OpenAPI document and a reference page. Includes these two calls.
struct DescriptionResource {
    let document: ServedFile
    let page: @Sendable (Request) -> Response

    var section: Section {
        Section(
            "Description",
            "The description of this API, generated from the definitions of its calls.",
            [
                .unauthenticatedGet(
                    "/openapi.json", legacy: [], "readDescription",
                    "Get the OpenAPI 3.1 document of this API",
                    query: .none, .content("application/json")
                ) { request, _ in document.response(to: request) },
                .unauthenticatedGet(
                    "/docs", legacy: [], "readReference", "Get the API reference as an HTML page", query: .none,
                    .content("text/html")
                ) { request, _ in page(request) },
            ])
    }
}
