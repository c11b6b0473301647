#pragma once

// Linux calls that Swift cannot make itself: fork and exec (unavailable in Swift, and nothing that
// allocates may run between them), pidfds, prctl and ioctl-like variadic calls. Constants are
// spelled out where older headers lack them.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOLDFAST_SYS_PIDFD_SEND_SIGNAL 424
#define HOLDFAST_SYS_PIDFD_OPEN 434
#define HOLDFAST_SYS_CLOSE_RANGE 436
#define HOLDFAST_CLOSE_RANGE_CLOEXEC 4
#define HOLDFAST_P_PIDFD 3

// Where a spawn failed; goes to the parent through the pipe with errno.
enum {
    holdfast_stage_none = 0,
    holdfast_stage_fork = 1,
    holdfast_stage_session = 2,
    holdfast_stage_cgroup = 3,
    holdfast_stage_stdio = 4,
    holdfast_stage_directory = 5,
    holdfast_stage_exec = 6,
    holdfast_stage_account = 7,
};

struct holdfast_spawn {
    const char *path;
    char *const *argv;
    char *const *envp;
    const char *directory;  // NULL: the parent's
    int stdio[3];           // descriptors of the parent
    int cgroup_procs;       // an open cgroup.procs, or -1
    int parent_death_signal;
    int new_session;
    int switches;  // to the user, group and groups below
    uid_t user;
    gid_t group;
    const gid_t *groups;
    size_t group_count;
};

struct holdfast_spawned {
    pid_t pid;
    int pidfd;
    int stage;
    int error;
};

static inline int holdfast_pidfd_open(pid_t pid) {
    return (int)syscall(HOLDFAST_SYS_PIDFD_OPEN, pid, 0);
}

static inline int holdfast_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(HOLDFAST_SYS_PIDFD_SEND_SIGNAL, pidfd, signal, NULL, 0);
}

static inline int holdfast_set_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

// Reaps the child behind a pidfd if it has ended. 1: reaped, 0: still runs, -1: errno.
static inline int holdfast_reap_pidfd(int pidfd, int *code, int *by_signal) {
    siginfo_t info;
    info.si_pid = 0;
    int rc;
    do {
        rc = waitid((idtype_t)HOLDFAST_P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
    } while (rc < 0 && errno == EINTR);
    if (rc < 0) return -1;
    if (info.si_pid == 0) return 0;
    *code = info.si_status;
    *by_signal = info.si_code != CLD_EXITED;
    return 1;
}

static inline int holdfast_open(const char *path, int flags, mode_t mode) {
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static inline int holdfast_open_directory(int folder, const char *path) {
    int fd;
    do {
        fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static inline int holdfast_duplicate(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 3); }

// Sets the time of modification, nanoseconds since 1970, and leaves the access time alone.
static inline int holdfast_set_modified(int fd, int64_t nanoseconds) {
    struct timespec times[2] = {
        {.tv_sec = 0, .tv_nsec = UTIME_OMIT},
        {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000},
    };
    return futimens(fd, times);
}

// Locks of the open file description (Linux 3.15): like flock's, they go with the last copy of the
// descriptor, but a bystander can look (F_OFD_GETLK) without taking the lock for a moment.
static inline struct flock holdfast_whole_file(short type) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
    return lock;
}

// 0: locked, -1: errno (EAGAIN: another holds it).
static inline int holdfast_lock(int fd) {
    struct flock lock = holdfast_whole_file(F_WRLCK);
    return fcntl(fd, 37 /* F_OFD_SETLK */, &lock);
}

// 1: another holds it, 0: free, -1: errno.
static inline int holdfast_is_locked(int fd) {
    struct flock lock = holdfast_whole_file(F_WRLCK);
    if (fcntl(fd, 36 /* F_OFD_GETLK */, &lock) < 0) return -1;
    return lock.l_type != F_UNLCK;
}

// Blocks the signals in the calling thread, and so in all that it starts, and gives a descriptor to
// read them from; -1: errno.
static inline int holdfast_signal_descriptor(const int *numbers, size_t count) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++) sigaddset(&set, numbers[i]);
    int failure = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (failure != 0) {
        errno = failure;
        return -1;
    }
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

// The number of the next signal that waits; 0: none.
static inline int holdfast_next_signal(int fd) {
    struct signalfd_siginfo info;
    return read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

// ---- the child between fork and exec: async-signal-safe calls only, never returns ----

static inline void holdfast_child_fails(int report, int stage) {
    int words[2] = {stage, errno};
    ssize_t ignored = write(report, words, sizeof words);
    (void)ignored;
    _exit(127);
}

static inline void holdfast_child_keeps_stdio_only(void) {
    if (syscall(HOLDFAST_SYS_CLOSE_RANGE, 3U, ~0U, HOLDFAST_CLOSE_RANGE_CLOEXEC) == 0) return;
    for (int fd = 3; fd < 65536; fd++) {  // kernels before 5.11
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0) fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    }
}

// For good: real, effective and saved ids. The bare calls, since the C library's would tell the
// threads of the parent, which are not here.
static inline int holdfast_child_switches(const struct holdfast_spawn *s) {
    return syscall(SYS_setgroups, s->group_count, s->groups) == 0 &&
           syscall(SYS_setresgid, s->group, s->group, s->group) == 0 &&
           syscall(SYS_setresuid, s->user, s->user, s->user) == 0;
}

static inline void holdfast_child(const struct holdfast_spawn *s, int report, pid_t parent) {
    struct sigaction standard;
    for (size_t i = 0; i < sizeof standard; i++) ((unsigned char *)&standard)[i] = 0;
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < 65; number++) sigaction(number, &standard, NULL);

    if (s->new_session && setsid() < 0) holdfast_child_fails(report, holdfast_stage_session);
    if (s->cgroup_procs >= 0 && write(s->cgroup_procs, "0", 1) != 1)
        holdfast_child_fails(report, holdfast_stage_cgroup);

    int copies[3];
    for (int i = 0; i < 3; i++) {
        copies[i] = fcntl(s->stdio[i], F_DUPFD_CLOEXEC, 3);
        if (copies[i] < 0) holdfast_child_fails(report, holdfast_stage_stdio);
    }
    for (int i = 0; i < 3; i++)
        if (dup2(copies[i], i) < 0) holdfast_child_fails(report, holdfast_stage_stdio);
    if (s->switches && !holdfast_child_switches(s))
        holdfast_child_fails(report, holdfast_stage_account);
    if (s->parent_death_signal != 0) {  // another user would have undone it
        prctl(PR_SET_PDEATHSIG, s->parent_death_signal, 0, 0, 0);
        if (getppid() != parent) _exit(127);  // the parent died before prctl took effect
    }
    if (s->directory != NULL && chdir(s->directory) < 0)
        holdfast_child_fails(report, holdfast_stage_directory);
    holdfast_child_keeps_stdio_only();

    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(s->path, s->argv, s->envp);
    holdfast_child_fails(report, holdfast_stage_exec);
}

// Forks and execs. Returns once exec has succeeded or failed; a child that failed is reaped.
// Must be called from a thread that lives as long as the process if parent_death_signal is set:
// Linux sends that signal when the forking *thread* ends.
static inline struct holdfast_spawned holdfast_spawn(const struct holdfast_spawn *s) {
    struct holdfast_spawned result = {-1, -1, holdfast_stage_fork, 0};

    // An inherited "ignore" would make the kernel throw exit statuses away.
    struct sigaction current;
    if (sigaction(SIGCHLD, NULL, &current) == 0 && current.sa_handler == SIG_IGN)
        signal(SIGCHLD, SIG_DFL);

    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        result.error = errno;
        return result;
    }
    int report = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);  // out of the way of 0, 1 and 2
    int failure = errno;
    close(ends[1]);
    if (report < 0) {
        result.error = failure;
        close(ends[0]);
        return result;
    }

    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) holdfast_child(s, report, parent);
    failure = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report);
    if (pid < 0) {
        result.error = failure;
        close(ends[0]);
        return result;
    }

    int words[2] = {holdfast_stage_none, 0};
    ssize_t got;
    do {
        got = read(ends[0], words, sizeof words);
    } while (got < 0 && errno == EINTR);
    close(ends[0]);
    if (got == (ssize_t)sizeof words) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
        result.stage = words[0];
        result.error = words[1];
        return result;
    }
    result.pid = pid;
    result.pidfd = holdfast_pidfd_open(pid);
    result.stage = result.pidfd < 0 ? holdfast_stage_fork : holdfast_stage_none;
    result.error = result.pidfd < 0 ? errno : 0;
    if (result.pidfd < 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    } else {
        fcntl(result.pidfd, F_SETFD, FD_CLOEXEC);
    }
    return result;
}
