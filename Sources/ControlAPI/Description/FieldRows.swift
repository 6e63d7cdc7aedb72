/// The fields of an object as table rows. Fields of nested objects are named by their path: `router.url`, `sites[].id`.
struct FieldRows {
    /// One row.
    struct Row: Equatable {
        let name: String
        let schema: Schema
        let isRequired: Bool
        /// The values of the discriminator for which the row applies; empty for all.
        var cases: [String] = []
        var discriminator = ""
    }

    let rows: [Row]

    init(_ schema: Schema, prefix: String = "") {
        let choices = schema.choices.isEmpty ? [schema] : schema.choices
        let discriminator = Self.discriminator(choices)
        var rows: [Row] = []
        for choice in choices {
            let value = choice.properties.first { $0.name == discriminator }?.schema.enumValues.first ?? "omitted"
            for property in choice.properties {
                Self.add(property, to: &rows, prefix, choices.count > 1 ? value : nil, discriminator ?? "")
            }
        }
        self.rows = rows.map { $0.cases.count == choices.count ? $0.always : $0 }
            .flatMap { [$0] + Self.inside($0) }
    }

    /// Merges rows that differ in the discriminator's value only; the discriminator's row collects all values.
    private static func add(
        _ property: Schema.Property, to rows: inout [Row], _ prefix: String, _ value: String?, _ discriminator: String
    ) {
        let name = prefix + property.name
        let isDiscriminator = property.name == discriminator && value != nil
        if let index = rows.firstIndex(where: {
            $0.name == name && (isDiscriminator || $0.schema == property.schema && $0.isRequired == property.isRequired)
        }) {
            if isDiscriminator {
                let values = rows[index].schema.enumValues + property.schema.enumValues
                rows[index] = Row(
                    name: name, schema: Schema.enumeration(values).described(property.schema.description ?? ""),
                    isRequired: rows[index].isRequired)
            } else if let value {
                rows[index].cases.append(value)
            }
        } else {
            let last = rows.lastIndex { $0.name == name }
            rows.insert(
                Row(
                    name: name, schema: property.schema, isRequired: property.isRequired,
                    cases: isDiscriminator ? [] : value.map { [$0] } ?? [], discriminator: discriminator),
                at: last.map { $0 + 1 } ?? rows.count)
        }
    }

    /// The discriminator: the field that has a single value in each choice.
    private static func discriminator(_ choices: [Schema]) -> String? {
        guard choices.count > 1 else { return nil }
        return choices.last?.properties.first { $0.schema.enumValues.count == 1 }?.name
    }

    private static func inside(_ row: Row) -> [Row] {
        if let element = row.schema.element, SchemaSummary(schema: element).reference == nil {
            return FieldRows(element, prefix: row.name + "[].").rows
        }
        let object = row.schema.unlessNull ?? row.schema
        guard SchemaSummary(schema: object).reference == nil else { return [] }
        return FieldRows(object, prefix: row.name + ".").rows
    }
}

extension FieldRows.Row {
    fileprivate var always: Self { Self(name: name, schema: schema, isRequired: isRequired) }

    /// The values for the template.
    var values: [String: Any] {
        let summary = SchemaSummary(schema: schema)
        var values: [String: Any] = [
            "name": name, "type": summary.text, "text": (schema.description ?? "").replacing("`", with: ""),
        ]
        if isRequired { values["required"] = true }
        if let shape = summary.shape { values["reference"] = shape }
        if !cases.isEmpty { values["cases"] = "\(discriminator): " + cases.joined(separator: ", ") }
        return values
    }
}
