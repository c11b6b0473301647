package import Training

/// One action of EC2: its parameters, and how its answer is read.
///
/// Names on the wire follow the API's model: lists are flat and numbered (`InstanceId.1`).
package protocol EC2Call: Sendable {
    associatedtype Answer: Sendable

    static var action: String { get }
    /// Which token bucket pays.
    static var cost: CallClass { get }
    static var retries: AWSRequest.Retries { get }
    /// Of one try.
    static var deadline: Duration { get }

    func add(to form: inout QueryForm)
    static func read(_ root: XMLElement) throws(AWSFailure) -> Answer
}

/// An action whose answer comes in pages.
package protocol EC2List: EC2Call where Answer == [Item] {
    associatedtype Item: Sendable
}

/// An action on machines whose answer tells nothing that a later look does not.
package protocol EC2Order: EC2Call where Answer == Void {
    var ids: [InstanceID] { get }
}

extension EC2Order {
    package func add(to form: inout QueryForm) {
        form.add("InstanceId", list: ids.map(\.text))
    }

    package static func read(_ root: XMLElement) throws(AWSFailure) {}
}

extension EC2Call {
    package static var cost: CallClass { .describe }
    package static var retries: AWSRequest.Retries { .safe }
    package static var deadline: Duration { .seconds(30) }
}

extension EC2 {
    /// A condition of a list: one of the values must fit.
    package struct Filter: Hashable, Sendable {
        /// EC2 takes no more values in one filter.
        package static let greatestCount = 200

        package var name: String
        package var values: [String]

        /// Values are taken as they stand: `*` and `?` mean only themselves.
        package init(_ name: String, _ values: [String]) {
            self.name = name
            self.values = values.map { value in
                value.contains { "*?\\".contains($0) }
                    ? value.map { "*?\\".contains($0) ? "\\\($0)" : String($0) }.joined() : value
            }
        }
    }
}

extension QueryForm {
    mutating func add(_ filters: [EC2.Filter]) {
        add("Filter", each: filters) { form, place, filter in
            form.add("\(place).Name", filter.name)
            form.add("\(place).Value", list: filter.values)
        }
    }

    /// By key, so that equal tags are equal bytes.
    mutating func add(_ name: String, tags: [String: String]) {
        add(name, each: tags.sorted { $0.key < $1.key }) { form, place, tag in
            form.add("\(place).Key", tag.key)
            form.add("\(place).Value", tag.value)
        }
    }
}

extension XMLElement {
    /// The text of a child that every answer has.
    func required(_ name: String) throws(AWSFailure) -> String {
        guard let text = text(name), !text.isEmpty else {
            throw .malformed("\(self.name): no \(name)")
        }
        return text
    }

    /// A list of plain values, `<supportedArchitectures><item>x86_64</item>…`.
    func texts(_ list: String) -> [String] { items(list).map(\.text) }

    /// Each item of a list, read.
    func read<Value>(
        _ list: String, _ body: (XMLElement) throws(AWSFailure) -> Value
    ) throws(AWSFailure) -> [Value] {
        var values: [Value] = []
        for item in items(list) { values.append(try body(item)) }
        return values
    }
}
