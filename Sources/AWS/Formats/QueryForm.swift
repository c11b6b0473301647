/// The form that EC2 and STS read: `Action`, `Version`, and parameters whose lists are numbered
/// from one (`Filter.1.Value.2`).
///
/// Empty lists and nil values send nothing.
package struct QueryForm: Hashable, Sendable {
    private var text: String

    package init(action: String, version: String) {
        text = "Action=\(action)&Version=\(version)"
    }

    package mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        text += "&" + PercentEncoding.component(name) + "=" + PercentEncoding.component(value)
    }

    package mutating func add(_ name: String, _ value: Int?) {
        add(name, value.map { String($0) })
    }

    package mutating func add(_ name: String, _ value: Bool?) {
        add(name, value.map { $0 ? "true" : "false" })
    }

    /// A list of plain values: `InstanceId.1`, `InstanceId.2`.
    package mutating func add(_ name: String, list: some Sequence<String>) {
        add(name, each: list) { form, place, value in form.add(place, value) }
    }

    /// A list of structures: `body` gets the place of each one, such as `Tag.1`.
    package mutating func add<Element>(
        _ name: String, each list: some Sequence<Element>,
        _ body: (inout QueryForm, _ place: String, Element) -> Void
    ) {
        for (index, element) in list.enumerated() { body(&self, "\(name).\(index + 1)", element) }
    }

    package var bytes: [UInt8] { Array(text.utf8) }

    /// The header that goes with it.
    package static let contentType = (
        name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8"
    )
}
