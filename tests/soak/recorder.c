/* Loaded before the C library (LD_PRELOAD): writes down what a program does to the files under one folder,
 * in the order in which it was done, together with what it said on its standard output. Can also let the
 * disk be full and move the clock.
 *
 * BIOBANK_RECORD  the trace to append to            BIOBANK_UNDER  the folder whose files are watched
 * BIOBANK_WORLD   a file of two signed 64-bit numbers that may change while the program runs: how many bytes
 *                 the files may still grow by (negative: no limit), and how many seconds the clock is ahead
 *
 * A record: operation (1 byte), length of the path (2), offset (8), length of the data (4), path, data;
 * numbers little-endian. Operations: C created, W written, T truncated to offset, S forced to the disk,
 * R renamed (data: new path), U removed, M folder made, D folder forced to the disk, A said on the standard
 * output.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 4096

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static char *paths[MOST_FILES];
static char under[PATH_MAX];
static size_t under_length;
static int trace = -1;
static volatile int64_t *world;

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("BIOBANK_UNDER"), *record = getenv("BIOBANK_RECORD"), *shared = getenv("BIOBANK_WORLD");
    if (folder && realpath(folder, under)) under_length = strlen(under);
    if (record) {
        int fd = (int)syscall(SYS_openat, AT_FDCWD, record, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        trace = fcntl(fd, F_DUPFD_CLOEXEC, 900);
        syscall(SYS_close, fd);
    }
    if (shared) {
        int fd = (int)syscall(SYS_openat, AT_FDCWD, shared, O_RDWR | O_CLOEXEC, 0);
        void *there = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (there != MAP_FAILED) world = there;
        syscall(SYS_close, fd);
    }
}

static int watched(const char *path)
{
    return under_length && strncmp(path, under, under_length) == 0;
}

/* The path from the root of the file system; 0 when it is not watched. */
static int whole(const char *path, char *into)
{
    if (!under_length) return 0;
    if (path[0] == '/') {
        strncpy(into, path, PATH_MAX - 1);
        into[PATH_MAX - 1] = 0;
    } else {
        if (!getcwd(into, PATH_MAX - 1)) return 0;
        strncat(into, "/", PATH_MAX - strlen(into) - 1);
        strncat(into, path, PATH_MAX - strlen(into) - 1);
    }
    return watched(into);
}

static void note(char operation, const char *path, uint64_t offset, const void *data, uint32_t length)
{
    if (trace < 0) return;
    uint16_t named = (uint16_t)strlen(path);
    size_t size = 15 + named + (size_t)length;
    char *record = malloc(size);
    record[0] = operation;
    memcpy(record + 1, &named, 2);
    memcpy(record + 3, &offset, 8);
    memcpy(record + 11, &length, 4);
    memcpy(record + 15, path, named);
    if (length) memcpy(record + 15 + named, data, length);
    for (size_t done = 0; done < size;) {
        long wrote = syscall(SYS_write, trace, record + done, size - done);
        if (wrote <= 0) _exit(99);
        done += (size_t)wrote;
    }
    free(record);
}

static const char *of(int fd)
{
    return fd >= 0 && fd < MOST_FILES ? paths[fd] : NULL;
}

static int opened(int fd, const char *path, int flags, int was_there)
{
    char into[PATH_MAX];
    if (fd < 0 || fd >= MOST_FILES || !whole(path, into)) return fd;
    free(paths[fd]);
    paths[fd] = strdup(into);
    if (!was_there && (flags & O_CREAT)) note('C', into, 0, NULL, 0);
    if (was_there && (flags & O_TRUNC)) note('T', into, 0, NULL, 0);
    return fd;
}

static int there(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0;
}

#define OPENING(NAME) \
    int NAME(const char *path, int flags, ...) \
    { \
        REAL(int, #NAME, const char *, int, ...); \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
        pthread_mutex_lock(&turn); \
        int was_there = there(path); \
        int fd = opened(real(path, flags, mode), path, flags, was_there); \
        pthread_mutex_unlock(&turn); \
        return fd; \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(NAME) \
    int NAME(int folder, const char *path, int flags, ...) \
    { \
        REAL(int, #NAME, int, const char *, int, ...); \
        mode_t mode = 0; \
        if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
        if (folder != AT_FDCWD && path[0] != '/') return real(folder, path, flags, mode); \
        pthread_mutex_lock(&turn); \
        int was_there = there(path); \
        int fd = opened(real(folder, path, flags, mode), path, flags, was_there); \
        pthread_mutex_unlock(&turn); \
        return fd; \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

int close(int fd)
{
    REAL(int, "close", int);
    pthread_mutex_lock(&turn);
    if (of(fd)) { free(paths[fd]); paths[fd] = NULL; }
    int done = real(fd);
    pthread_mutex_unlock(&turn);
    return done;
}

/* How many of these bytes the disk still has room for. */
static size_t fitting(int fd, uint64_t offset, size_t count)
{
    struct stat now;
    if (!world || world[0] < 0 || fstat(fd, &now)) return count;
    uint64_t end = offset + count, size = (uint64_t)now.st_size;
    uint64_t growth = end > size ? end - size : 0;
    if (growth <= (uint64_t)world[0]) { world[0] -= (int64_t)growth; return count; }
    uint64_t over = growth - (uint64_t)world[0];
    world[0] = 0;
    return over >= count ? 0 : count - over;
}

ssize_t write(int fd, const void *data, size_t count)
{
    REAL(ssize_t, "write", int, const void *, size_t);
    const char *path = of(fd);
    if (!path && fd != STDOUT_FILENO) return real(fd, data, count);
    pthread_mutex_lock(&turn);
    if (!path) {
        ssize_t said = real(fd, data, count);
        if (said > 0) note('A', "", 0, data, (uint32_t)said);
        pthread_mutex_unlock(&turn);
        return said;
    }
    int flags = fcntl(fd, F_GETFL);
    struct stat now;
    uint64_t offset = (flags & O_APPEND) && !fstat(fd, &now) ? (uint64_t)now.st_size : (uint64_t)lseek(fd, 0, SEEK_CUR);
    size_t room = fitting(fd, offset, count);
    ssize_t wrote = -1;
    if (count && !room) errno = ENOSPC;
    else wrote = real(fd, data, room);
    if (wrote > 0) note('W', path, offset, data, (uint32_t)wrote);
    int kept = errno;
    pthread_mutex_unlock(&turn);
    errno = kept;
    return wrote;
}

#define WRITING_AT(NAME, TYPE) \
    ssize_t NAME(int fd, const void *data, size_t count, TYPE offset) \
    { \
        REAL(ssize_t, #NAME, int, const void *, size_t, TYPE); \
        const char *path = of(fd); \
        if (!path) return real(fd, data, count, offset); \
        pthread_mutex_lock(&turn); \
        size_t room = fitting(fd, (uint64_t)offset, count); \
        ssize_t wrote = -1; \
        if (count && !room) errno = ENOSPC; \
        else wrote = real(fd, data, room, offset); \
        if (wrote > 0) note('W', path, (uint64_t)offset, data, (uint32_t)wrote); \
        int kept = errno; \
        pthread_mutex_unlock(&turn); \
        errno = kept; \
        return wrote; \
    }
WRITING_AT(pwrite, off_t)
WRITING_AT(pwrite64, off64_t)

#define TRUNCATING(NAME, TYPE) \
    int NAME(int fd, TYPE size) \
    { \
        REAL(int, #NAME, int, TYPE); \
        pthread_mutex_lock(&turn); \
        int done = real(fd, size); \
        if (!done && of(fd)) note('T', of(fd), (uint64_t)size, NULL, 0); \
        pthread_mutex_unlock(&turn); \
        return done; \
    }
TRUNCATING(ftruncate, off_t)
TRUNCATING(ftruncate64, off64_t)

static int forced(int fd, int done)
{
    struct stat now;
    if (done || !of(fd)) return done;
    note(!fstat(fd, &now) && S_ISDIR(now.st_mode) ? 'D' : 'S', of(fd), 0, NULL, 0);
    return done;
}

#define FORCING(NAME) \
    int NAME(int fd) \
    { \
        REAL(int, #NAME, int); \
        pthread_mutex_lock(&turn); \
        int done = forced(fd, real(fd)); \
        pthread_mutex_unlock(&turn); \
        return done; \
    }
FORCING(fsync)
FORCING(fdatasync)

int rename(const char *old, const char *new)
{
    REAL(int, "rename", const char *, const char *);
    char from[PATH_MAX], to[PATH_MAX];
    pthread_mutex_lock(&turn);
    int done = real(old, new);
    if (!done && whole(old, from) && whole(new, to)) note('R', from, 0, to, (uint32_t)strlen(to));
    pthread_mutex_unlock(&turn);
    return done;
}

int unlink(const char *path)
{
    REAL(int, "unlink", const char *);
    char into[PATH_MAX];
    pthread_mutex_lock(&turn);
    int done = real(path);
    if (!done && whole(path, into)) note('U', into, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

int mkdir(const char *path, mode_t mode)
{
    REAL(int, "mkdir", const char *, mode_t);
    char into[PATH_MAX];
    pthread_mutex_lock(&turn);
    int done = real(path, mode);
    int kept = errno;
    if (!done && whole(path, into)) note('M', into, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    errno = kept;
    return done;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    REAL(int, "clock_gettime", clockid_t, struct timespec *);
    int done = real(clock, now);
    if (!done && world && clock == CLOCK_REALTIME) now->tv_sec += world[1];
    return done;
}

time_t time(time_t *into)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into) *into = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}
