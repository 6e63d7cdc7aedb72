import TimeZones

extension ZoneDatabase {
    /// The rules of the zone named in a request. Throws `APIError`; for an unknown zone it suggests the nearest name.
    func known(_ zone: String) throws(APIError) -> ZoneRules {
        do { return try rules(of: zone) } catch {
            guard case .unknown = error else {
                throw APIError(.unavailable, "Cannot read the time zone: \(error).")
            }
            let hint = nearest(to: zone).map { " Did you mean '\($0)'?" } ?? ""
            let invalid = APIError.invalid("timezone", "the IANA name of a time zone, such as Australia/Sydney")
            throw APIError(invalid.code, invalid.message + hint)
        }
    }

    /// Returns the zone whose city is `text`, or else the one with the most similar name.
    func nearest(to text: String) -> String? {
        let (names, wanted) = (zones, text.lowercased().replacing(" ", with: "_"))
        let city = names.filter { $0.lowercased().split(separator: "/").last.map(String.init) == wanted }
        return city.first { $0.contains("/") } ?? wanted.nearest(in: names)
    }

    /// An enumeration of all zone names.
    var schema: Schema {
        let names = zones
        return names.isEmpty ? .string : Schema.enumeration(names).named("TimeZone")
    }
}
