/* Kills the process that it is preloaded into at its N-th call that touches the store or a machine,
 * once before the call and once after it took effect. There is no hook inside the programs.
 *
 *   HOLDFAST_CRASH_UNDER   only calls on paths below this directory count; besides them kill and
 *                          fork, which touch machines
 *   HOLDFAST_CRASH_AT      N, from 1; 0 or absent: only counts
 *   HOLDFAST_CRASH_WHEN    before | after
 *   HOLDFAST_CRASH_FROM    counts only once this path exists
 *   HOLDFAST_CRASH_TRACE   a file that gets one line for each call
 *
 * A sync is no such call: for a process that is killed, unlike for a machine that loses power, what
 * was written stays written.
 *
 * The variables and LD_PRELOAD are taken out of the environment at the start, so that they reach
 * no other process; a forked child before its exec counts nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char under[PATH_MAX];
static char from[PATH_MAX];
static long at;
static int dies_after;
static int trace = -1;
static pid_t chosen;
static atomic_long calls;

__attribute__((constructor)) static void begin(void) {
    const char *directory = getenv("HOLDFAST_CRASH_UNDER");
    if (!directory) return;
    snprintf(under, sizeof under, "%s", directory);
    const char *number = getenv("HOLDFAST_CRASH_AT");
    at = number ? atol(number) : 0;
    const char *when = getenv("HOLDFAST_CRASH_WHEN");
    dies_after = when && strcmp(when, "after") == 0;
    const char *first = getenv("HOLDFAST_CRASH_FROM");
    if (first) snprintf(from, sizeof from, "%s", first);
    const char *path = getenv("HOLDFAST_CRASH_TRACE");
    if (path) trace = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    chosen = getpid();
    unsetenv("LD_PRELOAD");
    unsetenv("HOLDFAST_CRASH_UNDER");
    unsetenv("HOLDFAST_CRASH_AT");
    unsetenv("HOLDFAST_CRASH_WHEN");
    unsetenv("HOLDFAST_CRASH_FROM");
    unsetenv("HOLDFAST_CRASH_TRACE");
}

static void die(void) {
    syscall(SYS_kill, chosen, SIGKILL);
    for (;;) pause();
}

static int is_below(int directory, const char *path) {
    char full[PATH_MAX];
    if (!path) return 0;
    if (path[0] == '/' || directory == AT_FDCWD) {
        snprintf(full, sizeof full, "%s", path);
    } else {
        char link[64], place[PATH_MAX / 2];
        snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
        ssize_t length = readlink(link, place, sizeof place - 1);
        if (length < 0) return 0;
        place[length] = 0;
        snprintf(full, sizeof full, "%.2000s/%.2000s", place, path);
    }
    return strncmp(full, under, strlen(under)) == 0;
}

/* True when the process is to die after this call. */
static int count(int counts, const char *name, const char *path) {
    if (!chosen || !counts || getpid() != chosen) return 0;
    int kept = errno;
    if (from[0] && access(from, F_OK) != 0) {
        errno = kept;
        return 0;
    }
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (trace >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%ld %s %s\n", number, name, path ? path : "");
        if (length > 0) (void)!write(trace, line, (size_t)length);
    }
    if (number == at && !dies_after) die();
    errno = kept;
    return number == at;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define COUNTED(type, counts, name, path, call) \
    do {                                        \
        int last = count(counts, name, path);   \
        type result = call;                     \
        if (last) die();                        \
        return result;                          \
    } while (0)

int rename(const char *from, const char *to) {
    COUNTED(int, is_below(AT_FDCWD, to), "rename", to, NEXT(rename)(from, to));
}
int renameat(int a, const char *from, int b, const char *to) {
    COUNTED(int, is_below(b, to), "renameat", to, NEXT(renameat)(a, from, b, to));
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    COUNTED(int, is_below(b, to), "renameat2", to, NEXT(renameat2)(a, from, b, to, flags));
}
int link(const char *from, const char *to) {
    COUNTED(int, is_below(AT_FDCWD, to), "link", to, NEXT(link)(from, to));
}
int linkat(int a, const char *from, int b, const char *to, int flags) {
    COUNTED(int, is_below(b, to), "linkat", to, NEXT(linkat)(a, from, b, to, flags));
}
int mkdir(const char *path, mode_t mode) {
    COUNTED(int, is_below(AT_FDCWD, path), "mkdir", path, NEXT(mkdir)(path, mode));
}
int mkdirat(int directory, const char *path, mode_t mode) {
    COUNTED(int, is_below(directory, path), "mkdirat", path, NEXT(mkdirat)(directory, path, mode));
}
int unlink(const char *path) {
    COUNTED(int, is_below(AT_FDCWD, path), "unlink", path, NEXT(unlink)(path));
}
int unlinkat(int directory, const char *path, int flags) {
    COUNTED(int, is_below(directory, path), "unlinkat", path,
            NEXT(unlinkat)(directory, path, flags));
}
int rmdir(const char *path) {
    COUNTED(int, is_below(AT_FDCWD, path), "rmdir", path, NEXT(rmdir)(path));
}
int kill(pid_t pid, int number) {
    COUNTED(int, number != 0, "kill", 0, NEXT(kill)(pid, number));
}

/* pidfd_send_signal has no wrapper in older libraries. */
long syscall(long number, ...) {
    long part[6];
    va_list more;
    va_start(more, number);
    for (int i = 0; i < 6; i++) part[i] = va_arg(more, long);
    va_end(more);
    COUNTED(long, number == SYS_pidfd_send_signal && part[1] != 0, "pidfd_send_signal", 0,
            NEXT(syscall)(number, part[0], part[1], part[2], part[3], part[4], part[5]));
}

/* In the child nothing is counted, and only the parent dies afterwards. */
pid_t fork(void) {
    int last = count(1, "fork", 0);
    pid_t pid = NEXT(fork)();
    if (last && pid != 0) die();
    return pid;
}

static int writes(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }

#define OPEN(name, directory, path, ...)                                           \
    do {                                                                           \
        mode_t mode = 0;                                                           \
        if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {               \
            va_list more;                                                          \
            va_start(more, flags);                                                 \
            mode = va_arg(more, mode_t);                                           \
            va_end(more);                                                          \
        }                                                                          \
        COUNTED(int, writes(flags) && is_below(directory, path), #name, path,      \
                NEXT(name)(__VA_ARGS__, flags, mode));                             \
    } while (0)

int open(const char *path, int flags, ...) { OPEN(open, AT_FDCWD, path, path); }
int open64(const char *path, int flags, ...) { OPEN(open64, AT_FDCWD, path, path); }
int openat(int directory, const char *path, int flags, ...) {
    OPEN(openat, directory, path, directory, path);
}
int openat64(int directory, const char *path, int flags, ...) {
    OPEN(openat64, directory, path, directory, path);
}
