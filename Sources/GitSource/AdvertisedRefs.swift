import CLibGit2
import Training

/// What a remote repository offers.
struct AdvertisedRefs {
    private struct Head {
        let name: String
        let id: git_oid
        let target: String?
    }

    struct Choice {
        let name: String
        let shown: String
        let id: git_oid
    }

    private let heads: [Head]

    init(_ remote: GitHandle, _ control: FetchControl) throws(SourceFailure) {
        var list: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        try control.attempt(
            "list the refs", or: SourceFailure.unreachable,
            git_remote_ls(&list, &count, remote.pointer))
        let found = UnsafeBufferPointer(start: list, count: count)
        heads = found.compactMap { head in
            guard let head = head?.pointee, let name = head.name else { return nil }
            return Head(
                name: String(cString: name), id: head.oid,
                target: head.symref_target.map { String(cString: $0) })
        }
    }

    /// The wanted ref, a commit id, or the default branch.
    func choose(_ wanted: String?) throws(SourceFailure) -> Choice {
        guard !heads.isEmpty else { throw .emptyRepository }
        guard let wanted, wanted != "HEAD" else { return try chooseDefault() }
        for candidate in RefName.candidates(wanted) {
            if let head = heads.first(where: { $0.name == candidate }) {
                return Choice(name: head.name, shown: RefName.shown(wanted), id: head.id)
            }
        }
        if let id = git_oid(hex: wanted) {
            return Choice(name: id.hex, shown: RefName.detached, id: id)
        }
        throw .refNotFound(wanted)
    }

    private func chooseDefault() throws(SourceFailure) -> Choice {
        guard let head = heads.first(where: { $0.name == "HEAD" }) else {
            throw .refNotFound("HEAD (its default branch has no commit; name a branch)")
        }
        guard let target = head.target else {
            return Choice(name: "HEAD", shown: RefName.detached, id: head.id)
        }
        guard RefName.isLegal(target) else {
            throw .refused("the server's default branch has an illegal name")
        }
        return Choice(name: target, shown: RefName.shown(target), id: head.id)
    }
}
