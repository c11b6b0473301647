package import Training

/// What is due when: the earliest first, and of the same moment the one that was entered first.
package struct Agenda<Entry: Sendable>: Sendable {
    private struct Item: Sendable {
        var due: Timestamp
        var number: Int
        var entry: Entry

        func comesBefore(_ other: Item) -> Bool {
            due == other.due ? number < other.number : due < other.due
        }
    }

    private var heap: [Item] = []
    private var entered = 0

    package init() {}

    /// When the next entry is due; nil when there is none.
    package var next: Timestamp? { heap.first?.due }

    package mutating func enter(_ entry: Entry, at due: Timestamp) {
        entered += 1
        heap.append(Item(due: due, number: entered, entry: entry))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].comesBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest entry that is due at `moment`.
    package mutating func take(dueAt moment: Timestamp) -> (due: Timestamp, entry: Entry)? {
        guard let first = heap.first, first.due <= moment else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].comesBefore(heap[least]) {
                least = child
            }
            guard least != parent else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.due, first.entry)
    }
}
