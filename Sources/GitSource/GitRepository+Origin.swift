package import Training
import Transport

extension GitRepository {
    /// The repository's identity, as `fetch` gives it: known without reaching a remote.
    ///
    /// Of a local repository its `origin` remote where it has one, else its own path.
    package func origin() async throws(SourceFailure) -> String {
        switch options.locator.place {
        case .local(let path): LocalRepository(try LocalRepository.open(path)).origin
        case .file(let path): OriginURL.ofPath(path)
        case .http(let url): OriginURL.normalised(url.text, base: "/")
        }
    }
}
