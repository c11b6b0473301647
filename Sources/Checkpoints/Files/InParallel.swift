/// Runs `body` on every item, at most `limit` at once; answers in the items' order.
///
/// The first failure cancels what is under way and is thrown when all of it has ended.
package func inParallel<Item: Sendable, Output: Sendable, Failure: Error>(
    _ items: [Item], limit: Int,
    _ body: @escaping @Sendable (Item) async throws(Failure) -> Output
) async throws(Failure) -> [Output] {
    var answers: [Output?] = Array(repeating: nil, count: items.count)
    let failure = await withTaskGroup(
        of: (Int, Result<Output, Failure>).self, returning: Failure?.self
    ) { group in
        var next = 0
        func startOne() {
            guard next < items.count else { return }
            let place = next
            let item = items[place]
            next += 1
            group.addTask {
                do throws(Failure) {
                    return (place, .success(try await body(item)))
                } catch {
                    return (place, .failure(error))
                }
            }
        }
        for _ in 0..<max(1, limit) { startOne() }
        var first: Failure?
        while let (place, result) = await group.next() {
            switch result {
            case .success(let output):
                answers[place] = output
                if first == nil { startOne() }
            case .failure(let failure):
                if first == nil { first = failure }
                group.cancelAll()
            }
        }
        return first
    }
    if let failure { throw failure }
    return answers.compactMap { $0 }
}
