extension PolicyStatement {
    /// What a statement is held against.
    struct Question {
        var action: String
        var resource: String
        /// The caller's ARNs: a session's own and its role's.
        var caller: [String]
        var conditions: [String: [String]]
    }

    func fits(_ question: Question) -> Bool {
        if let principals {
            let isMeant = principals.arns.contains { wanted in
                let pattern = Wildcard(wanted, escapes: false)
                return question.caller.contains { pattern.matches($0) }
            }
            guard isMeant else { return false }
        }
        // IAM compares actions without regard to case.
        let action = question.action.lowercased()
        guard
            actions.values.contains(where: {
                Wildcard($0.lowercased(), escapes: false).matches(action)
            }),
            resources.values.contains(where: {
                Wildcard($0, escapes: false).matches(question.resource)
            })
        else { return false }
        return (conditions ?? [:]).allSatisfy { test, keys in
            keys.allSatisfy { key, wanted in
                holds(test, wanted.values, question.conditions[key])
            }
        }
    }

    /// An operator that the model does not know never holds in an allow and always in a deny: the
    /// stricter way.
    private func holds(_ test: String, _ wanted: [String], _ found: [String]?) -> Bool {
        if test.hasSuffix("IfExists") {
            return found == nil || holds(String(test.dropLast("IfExists".count)), wanted, found)
        }
        switch test {
        case "Null": return wanted.contains(String(found == nil))
        case "StringEquals", "Bool", "ArnEquals":
            return found?.contains { wanted.contains($0) } ?? false
        case "StringNotEquals":
            return !(found?.contains { wanted.contains($0) } ?? false)
        case "StringLike", "ArnLike":
            let patterns = wanted.map { Wildcard($0, escapes: false) }
            return found?.contains { value in patterns.contains { $0.matches(value) } } ?? false
        default: return effect == .deny
        }
    }
}

extension Array where Element == PolicyStatement {
    enum Verdict {
        case allowed
        case denied
        /// No statement fits: a refusal unless another policy allows.
        case silent
    }

    /// A deny beats every allow.
    func verdict(on question: PolicyStatement.Question) -> Verdict {
        let fitting = filter { $0.fits(question) }
        if fitting.contains(where: { $0.effect == .deny }) { return .denied }
        return fitting.isEmpty ? .silent : .allowed
    }
}
