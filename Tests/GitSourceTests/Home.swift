import Glibc

/// Sets HOME for a process that runs nothing else.
func setHome(_ path: String) {
    setenv("HOME", path, 1)
    unsetenv("XDG_CONFIG_HOME")
}
