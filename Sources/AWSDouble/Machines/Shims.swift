/// Everything in which a machine of the double differs from one of EC2, in one place.
///
/// 1. `systemctl`, `shutdown` and `poweroff` are `Shims.program`, first in `PATH`: it hands the
///    order to the double, which is the machine's init.
/// 2. The machine's files lie below a directory, named by `HOLDFAST_ROOT`; whoever writes absolute
///    paths on the machine puts it before them. `/proc/sys/kernel/random/boot_id` below it is the
///    machine's own.
/// 3. Addresses come from the environment, as SDKs read it: `AWS_EC2_METADATA_SERVICE_ENDPOINT` for
///    instance metadata, which has a port of its own, and `AWS_ENDPOINT_URL` for all services.
enum Shims {
    /// The names under which the one program is installed.
    static let names = ["systemctl", "shutdown", "poweroff"]

    /// A shell script: its own name and arguments go to the double, one a line; the first line of
    /// the answer is the exit code, the rest is printed.
    static let program = """
        #!/bin/sh
        line='
        '
        answer=$(printf '%s\\n' "${0##*/}" "$@" |
            curl --silent --show-error --noproxy '*' --data-binary @- "$HOLDFAST_DOUBLE_INIT") ||
            exit 1
        code=${answer%%"$line"*}
        [ "$answer" = "$code" ] || printf '%s\\n' "${answer#*"$line"}" >&2
        exit "$code"
        """ + "\n"

    /// Where the shim reaches the machine's init.
    static let initVariable = "HOLDFAST_DOUBLE_INIT"

    /// The environment that every process of a machine begins with.
    static func environment(
        root: String, programs: String, metadata: String, endpoint: String, order: String
    ) -> [String: String] {
        [
            "PATH": "\(programs):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "\(root)/root", "LANG": "C.UTF-8",
            "HOLDFAST_ROOT": root,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata,
            "AWS_ENDPOINT_URL": endpoint,
            initVariable: order,
        ]
    }
}
