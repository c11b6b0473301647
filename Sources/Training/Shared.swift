/// A large value that all its copies share: copying one copies a reference.
///
/// For what is read in every pass and hardly ever changed; a change makes a new one.
package struct Shared<Value: Sendable>: Sendable {
    @usableFromInline
    final class Box: Sendable {
        @usableFromInline let value: Value

        @usableFromInline init(_ value: Value) {
            self.value = value
        }
    }

    @usableFromInline let box: Box

    @inlinable
    package init(_ value: Value) {
        box = Box(value)
    }

    @inlinable package var value: Value { box.value }
}

extension Shared: Equatable where Value: Equatable {
    package static func == (one: Self, other: Self) -> Bool {
        one.box === other.box || one.value == other.value
    }
}

extension Shared: Hashable where Value: Hashable {
    package func hash(into hasher: inout Hasher) { value.hash(into: &hasher) }
}

/// Coded as the value itself.
extension Shared: Encodable where Value: Encodable {
    package func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}

extension Shared: Decodable where Value: Decodable {
    package init(from decoder: any Decoder) throws { self.init(try Value(from: decoder)) }
}
