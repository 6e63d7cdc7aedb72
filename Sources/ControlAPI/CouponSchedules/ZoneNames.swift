import TimeZones

extension ZoneDatabase {
    /// The rules of the zone that a body names. Throws `APIError`: for an unknown zone with the one
    /// that was likely meant.
    func known(_ zone: String) throws(APIError) -> ZoneRules {
        do { return try rules(of: zone) } catch {
            guard case .unknown = error else {
                throw APIError(.unavailable, "The time zone cannot be read: \(error).")
            }
            let hint = nearest(to: zone).map { " Did you mean '\($0)'?" } ?? ""
            let refusal = APIError.invalid("timezone", "the IANA name of a time zone, such as Australia/Sydney")
            throw APIError(refusal.code, refusal.message + hint)
        }
    }

    /// A zone whose city is the text, else the one that is written most like it.
    func nearest(to text: String) -> String? {
        let (names, wanted) = (zones, text.lowercased().replacing(" ", with: "_"))
        let city = names.filter { $0.lowercased().split(separator: "/").last.map(String.init) == wanted }
        return city.first { $0.contains("/") } ?? wanted.nearest(in: names)
    }

    /// Every name, for the description.
    var schema: Schema {
        let names = zones
        return names.isEmpty ? .string : Schema.words(names).named("TimeZone")
    }
}
