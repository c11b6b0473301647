import Glibc

/// The Python that has botocore, moto and the AWS CLI.
package enum TestPython {
    /// `HOLDFAST_PYTHON`, else the virtual environment that `Tests/run` makes, else `python3`.
    package static var interpreter: String {
        if let path = getenv("HOLDFAST_PYTHON") { return String(cString: path) }
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/.build/python/bin/python"
        return access(path, X_OK) == 0 ? path : "python3"
    }

    /// What it needs of the environment.
    package static var environment: [String: String] {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return ["PATH": path, "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"]
    }

    /// The path of a script of `Tests/Servers`.
    package static func script(_ name: String) -> String {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/\(folder)/Servers/\(name)"
    }
}
