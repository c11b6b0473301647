import CLibGit2

/// libgit2's process-wide settings, made once before its first use.
///
/// Nothing outside of the repositories themselves steers us: no system, global or XDG
/// configuration (`insteadOf`, `http.proxy`), and no owner check, since CI and containers read
/// clones of another user and we never run what a repository configures. The memory caps replace
/// defaults of 256 MiB cache and 8 GiB of mapped packs (libgit2 1.5).
enum GitLibrary {
    static let isReady: Bool = {
        guard git_libgit2_init() > 0 else { return false }
        let levels = [
            GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
            GIT_CONFIG_LEVEL_GLOBAL,
        ]
        let codes =
            levels.map { shim_set_search_path($0, "") } + [
                shim_set_owner_validation(0),
                shim_set_cache_max_size(16 << 20),
                shim_set_window_size(16 << 20),
                shim_set_window_mapped_limit(256 << 20),
                shim_set_window_file_limit(64),
                shim_set_pack_max_objects(5_000_000),
                admitExtensions(),
            ]
        return codes.allSatisfy { $0 == 0 }
    }()

    /// Repository extensions that CI's checkouts set and that do not change how objects are read.
    ///
    /// A partial clone may lack objects; reading one then fails by name.
    private static func admitExtensions() -> Int32 {
        "worktreeconfig".withCString { worktree in
            "partialclone".withCString { partial in
                var names: [UnsafePointer<CChar>?] = [worktree, partial]
                return shim_set_extensions(&names, names.count)
            }
        }
    }
}
