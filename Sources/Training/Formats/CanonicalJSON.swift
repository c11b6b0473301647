import FoundationEssentials

/// The one JSON form of everything that Holdfast stores: sorted keys, no escaped slashes, so that
/// equal values have equal bytes and equal digests.
package enum CanonicalJSON {
    /// No stored object is larger (bytes); a reader refuses more.
    package static let maximumSize = 4 << 20

    /// What is wrong with stored bytes.
    ///
    /// Never quotes them: they may come from an untrusted machine.
    package enum Failure: Error, Hashable {
        case tooLarge(Int)
        case malformed(String)
    }

    package static func encode(_ value: some Encodable, pretty: Bool = false) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("our own values always encode: \(error)")
        }
    }

    package static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(Failure) -> Value {
        guard bytes.count <= maximumSize else { throw .tooLarge(bytes.count) }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw .malformed(place(of: error))
        } catch {
            throw .malformed("not JSON")
        }
    }

    private static func place(of error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "\(path(context)): key \(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(path(context)): a value of another type is expected"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "not JSON" : "\(path(context)): bad value"
        @unknown default:
            return "not readable"
        }
    }
}
