/// Lets only so many tests of real processes run at once: a busy machine would make them slow.
///
/// A test may wait here behind the many small worlds of others: its time limit counts that, too.
actor Slots {
    static let shared = Slots(count: 6)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(count: Int) {
        free = count
    }

    func take() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        guard !waiting.isEmpty else {
            free += 1
            return
        }
        waiting.removeFirst().resume()
    }
}
