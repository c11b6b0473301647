import Training

/// The JSON Schema (draft 2020-12) of a manifest document, for editors and for CI.
///
/// It says what is accepted: a field that is not supported yet is not in it. Made from the same
/// table as decoding, defaults and documentation. What a schema cannot say well (a path that goes
/// up, a regular expression's groups) only `reconcile validate` finds.
package enum ManifestSchema {
    /// Deterministic: equal versions print equal bytes.
    package static func bytes() -> [UInt8] {
        CanonicalJSON.encode(document, pretty: true) + [10]
    }

    private static let document: JSONValue = [
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Holdfast manifest",
        "description": "One document of a file below manifests/.",
        "if": [
            "properties": ["kind": ["const": "policy"]], "required": ["kind"],
        ],
        "then": ["$ref": "#/$defs/policy"],
        "else": [
            "if": [
                "properties": ["kind": ["const": "profile"]], "required": ["kind"],
            ],
            "then": ["$ref": "#/$defs/profile"],
            "else": ["$ref": "#/$defs/training"],
        ],
        "$defs": [
            "policy": PolicyFields.table.schema,
            "profile": ProfileFields.table.schema,
            "training": TrainingFields.table.schema,
        ],
    ]
}
