/// What a machine takes over of its operator's environment: what programs need to be found and to
/// find their way, and no credentials.
enum MachineEnvironment {
    private static let names: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR",
        "LD_LIBRARY_PATH", "VIRTUAL_ENV", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY",
        "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "HF_HOME", "TORCH_HOME",
        "OMP_NUM_THREADS",
    ]
    private static let prefixes = ["LC_", "CUDA_", "NVIDIA_", "CONDA_"]

    static func part(of environment: [String: String]) -> [String: String] {
        environment.filter { name, _ in
            names.contains(name) || prefixes.contains { name.hasPrefix($0) }
        }
    }
}
