/// A spec as the store holds it.
extension RunSpec {
    /// The spec with all that only the control plane reads set to its default, so that a change of
    /// those fields does not reach the agent.
    package var forAgent: RunSpec {
        var spec = self
        spec.state = .running
        spec.labels = [:]
        spec.suspend = nil
        spec.onChange = nil
        spec.onRemoval = .terminate
        spec.retries = RetryPolicy()
        spec.profile = nil
        spec.resources = Resources()
        spec.interruption = .resume
        return spec
    }

    /// Where the spec's bytes stand in the store.
    package var reference: StoredReference {
        let digest = Digest(of: CanonicalJSON.encode(self))
        return StoredReference(key: StoreLayout.spec(name, digest), sha256: digest)
    }
}
