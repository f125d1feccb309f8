// Records what a process does to the files below TRACE_ROOT, in order, into the file TRACE_FILE: for replaying power cuts without root.
//
// cc -shared -fPIC -O1 -o record.so record.c -ldl; LD_PRELOAD=record.so TRACE_ROOT=DIR TRACE_FILE=FILE program
//
// A record: [1] what  [4] length of path  [4] length of data  [8] offset or length  path  data, little-endian:
// 'o' a file was made or emptied (offset 1: emptied), 'w' data was written at offset, 't' the file was cut or grown to offset,
// 's' a file or directory was synced, 'r' renamed to data, 'u' a name was removed, 'm' a directory was made.
// Each call happens under one lock with its record, so that the order of records is the order of what happened.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int trace = -1;
static char root[PATH_MAX];

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("TRACE_FILE"), *below = getenv("TRACE_ROOT");
    if (!file || !below || !realpath(below, root)) return;
    trace = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void all(const void *bytes, size_t length) {
    const char *at = bytes;
    while (length > 0) {
        ssize_t done = syscall(SYS_write, trace, at, length);
        if (done <= 0) _exit(97);
        at += done;
        length -= (size_t)done;
    }
}

static void record(char what, const char *path, uint64_t offset, const void *data, size_t length) {
    char head[17];
    uint32_t sizes[2] = {(uint32_t)strlen(path), (uint32_t)length};
    head[0] = what;
    memcpy(head + 1, sizes, 8);
    memcpy(head + 9, &offset, 8);
    all(head, sizeof head);
    all(path, sizes[0]);
    all(data, length);
}

// The path of a descriptor, if it is below the root.
static int of(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (trace < 0 || length < 0) return 0;
    path[length] = 0;
    return strncmp(path, root, strlen(root)) == 0;
}

// The same of a name in a directory; the directory must exist.
static int at(int directory, const char *name, char *path) {
    char joined[2 * PATH_MAX], parent[PATH_MAX];
    if (trace < 0) return 0;
    if (name[0] == '/') {
        snprintf(joined, sizeof joined, "%s", name);
    } else {
        if (directory == AT_FDCWD) {
            if (!getcwd(parent, sizeof parent)) return 0;
        } else if (!of(directory, parent)) {
            return 0;
        }
        snprintf(joined, sizeof joined, "%s/%s", parent, name);
    }
    char *slash = strrchr(joined, '/');
    *slash = 0;
    if (!realpath(joined[0] ? joined : "/", path)) return 0;
    strncat(path, "/", PATH_MAX - strlen(path) - 1);
    strncat(path, slash + 1, PATH_MAX - strlen(path) - 1);
    return strncmp(path, root, strlen(root)) == 0;
}

#define REAL(name, type, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = dlsym(RTLD_NEXT, #name)

static int opened(int directory, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int ours = at(directory, name, path);
    struct stat before;
    int existed = ours && stat(path, &before) == 0;
    int descriptor = (int)syscall(SYS_openat, directory, name, flags, mode);
    int error = errno;
    if (ours && descriptor >= 0 && (flags & O_CREAT) && !existed) record('o', path, 0, "", 0);
    if (ours && descriptor >= 0 && (flags & O_TRUNC) && existed) record('o', path, 1, "", 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return descriptor;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | __O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *name, int flags, ...) { MODE(flags) return opened(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags) return opened(AT_FDCWD, name, flags, mode); }
int openat(int directory, const char *name, int flags, ...) { MODE(flags) return opened(directory, name, flags, mode); }
int openat64(int directory, const char *name, int flags, ...) { MODE(flags) return opened(directory, name, flags, mode); }

ssize_t write(int descriptor, const void *data, size_t length) {
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int ours = of(descriptor, path);
    ssize_t done = syscall(SYS_write, descriptor, data, length);
    int error = errno;
    if (ours && done > 0) {
        off_t end = lseek(descriptor, 0, SEEK_CUR);
        record('w', path, (uint64_t)(end - done), data, (size_t)done);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

static ssize_t put(int descriptor, const void *data, size_t length, off_t offset) {
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int ours = of(descriptor, path);
    ssize_t done = syscall(SYS_pwrite64, descriptor, data, length, offset);
    int error = errno;
    if (ours && done > 0) record('w', path, (uint64_t)offset, data, (size_t)done);
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}
ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) { return put(descriptor, data, length, offset); }
ssize_t pwrite64(int descriptor, const void *data, size_t length, off_t offset) { return put(descriptor, data, length, offset); }

static int cut(int descriptor, off_t length) {
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int ours = of(descriptor, path);
    int failed = (int)syscall(SYS_ftruncate, descriptor, length);
    int error = errno;
    if (ours && !failed) record('t', path, (uint64_t)length, "", 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return failed;
}
int ftruncate(int descriptor, off_t length) { return cut(descriptor, length); }
int ftruncate64(int descriptor, off_t length) { return cut(descriptor, length); }

static int synced(int descriptor, long call) {
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int ours = of(descriptor, path);
    int failed = (int)syscall(call, descriptor);
    int error = errno;
    if (ours && !failed) record('s', path, 0, "", 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return failed;
}
int fsync(int descriptor) { return synced(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return synced(descriptor, SYS_fdatasync); }

int rename(const char *from, const char *to) {
    char old[PATH_MAX], new[PATH_MAX];
    pthread_mutex_lock(&lock);
    int ours = at(AT_FDCWD, from, old) && at(AT_FDCWD, to, new);
    int failed = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    int error = errno;
    if (ours && !failed) record('r', old, 0, new, strlen(new));
    pthread_mutex_unlock(&lock);
    errno = error;
    return failed;
}

static int removed(int directory, const char *name, int flags) {
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int ours = at(directory, name, path);
    int failed = (int)syscall(SYS_unlinkat, directory, name, flags);
    int error = errno;
    if (ours && !failed) record('u', path, 0, "", 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return failed;
}
int unlink(const char *name) { return removed(AT_FDCWD, name, 0); }
int unlinkat(int directory, const char *name, int flags) { return removed(directory, name, flags); }
int rmdir(const char *name) { return removed(AT_FDCWD, name, AT_REMOVEDIR); }

int mkdir(const char *name, mode_t mode) {
    char path[PATH_MAX];
    pthread_mutex_lock(&lock);
    int ours = at(AT_FDCWD, name, path);
    int failed = (int)syscall(SYS_mkdirat, AT_FDCWD, name, mode);
    int error = errno;
    if (ours && !failed) record('m', path, 0, "", 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return failed;
}
