/* What reproducers are made of. Only what one uses is copied into it. */
#define _GNU_SOURCE
#include <dirent.h> /* dirent64 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h> /* PRIu32 uint64_t uint32_t */
#include <sched.h> /* unshare */
#include <signal.h> /* signal kill */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h> /* strcmp memset strlen */
#include <sys/file.h> /* flock */
#include <sys/inotify.h> /* inotify_event inotify_init1 */
#include <sys/ioctl.h> /* ioctl */
#include <sys/mman.h> /* mmap munmap msync memfd_create */
#include <sys/mount.h>
#include <sys/ptrace.h> /* ptrace */
#include <sys/sendfile.h> /* sendfile */
#include <sys/stat.h>
#include <sys/statfs.h> /* statfs */
#include <sys/syscall.h>
#include <sys/sysmacros.h> /* makedev */
#include <sys/uio.h> /* iovec */
#include <sys/wait.h> /* waitpid */
#include <sys/xattr.h> /* llistxattr lsetxattr */
#include <time.h>
#include <unistd.h>
#include <linux/fiemap.h> /* fiemap */
#include <linux/fs.h> /* ioctl */
#include <linux/openat2.h> /* openat2 */

/* Exit statuses: as expected, something else, and cannot be run here. */
enum { EXPECTED = 0, DIFFERS = 1, CANNOT_RUN = 3 };

/* Calls that the C library may lack, or does more in than call the kernel. */
#define sys(name, ...) syscall(SYS_##name, ##__VA_ARGS__)

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#ifndef RWF_NOAPPEND
#define RWF_NOAPPEND 32
#endif

#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x4000
#endif

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200
#endif

#ifndef AT_HANDLE_CONNECTABLE
#define AT_HANDLE_CONNECTABLE 2
#endif

#define FS_IOC_SHUTDOWN _IOR('X', 125, uint32_t)

/* Open files, by what the steps call them: the first four, and those of a single step. */
enum { WATCH = 56, OTHER = 57, ROOT = 58, SCRATCH = 59, OWN = 61, FILES = 64 };

static int fd[FILES] = { [0 ... FILES - 1] = -1 };

/* What calls return by pointer. */
static char buffer[1 << 20] __attribute__((aligned(8)));

static struct statx told_status;

static struct statfs told_fs;

/* File handles, each with room for the largest. */
struct kept_handle { struct file_handle head; char bytes[192]; };

static struct kept_handle handles[8];

static struct kept_handle fresh;

static int mount_id[2];

#ifndef FS_IOC_GETFSUUID
#define FS_IOC_GETFSUUID _IOR(0x15, 0, char[17])
#endif

/* A range of a file, which another one is to share. */
struct shared_range { struct file_dedupe_range range; struct file_dedupe_range_info info; };

static struct shared_range shared;

static struct shared_range *share(uint64_t from, uint64_t size, int file, uint64_t to)
{
	memset(&shared, 0, sizeof(shared));
	shared.range.src_offset = from;
	shared.range.src_length = size;
	shared.range.dest_count = 1;
	shared.info.dest_fd = file;
	shared.info.dest_offset = to;
	return &shared;
}

/* Places in memory, far from all else and far from each other. */
#define MAP_BYTES 0x1000000

#define map(number) ((char *)0x1000000000 + (number) * (size_t)MAP_BYTES)

static const char *const errno_names[] = {
#define E(name) [name] = #name
	E(EPERM), E(ENOENT), E(EINTR), E(EIO), E(ENXIO), E(E2BIG), E(ENOEXEC), E(EBADF), E(EAGAIN),
	E(ENOMEM), E(EACCES), E(EFAULT), E(ENOTBLK), E(EBUSY), E(EEXIST), E(EXDEV), E(ENODEV),
	E(ENOTDIR), E(EISDIR), E(EINVAL), E(EMFILE), E(ENOTTY), E(ETXTBSY), E(EFBIG), E(ENOSPC),
	E(ESPIPE), E(EROFS), E(EMLINK), E(EPIPE), E(ERANGE), E(ENAMETOOLONG), E(ENOSYS),
	E(ENOTEMPTY), E(ELOOP), E(ENODATA), E(EREMOTE), E(EOVERFLOW), E(EOPNOTSUPP), E(ESTALE),
	E(EDQUOT),
#undef E
};

static const char *errno_name(int number)
{
	const int known = sizeof(errno_names) / sizeof(*errno_names);

	return number < known && errno_names[number] ? errno_names[number] : strerror(number);
}

static void cannot_run(const char *what)
{
	fprintf(stderr, "cannot run here: %s: %s\n", what, strerror(errno));
	exit(CANNOT_RUN);
}

/* What has to work before there is anything to see. */
#define setup(call) ((call) < 0 ? cannot_run(#call) : (void)0)

/* Everything happens in an empty file system of our own, which goes when we end. */
#define TOP "/tmp/repro"

static void enter(void)
{
	setup(unshare(CLONE_NEWNS));
	setup(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	mkdir("/tmp", 0755);
	setup(mount("tmpfs", "/tmp", "tmpfs", MS_NOATIME | MS_NODEV, "mode=755"));
	umask(0);
	setup(mkdir(TOP, 0755));
	signal(SIGPIPE, SIG_IGN);
}

static void command(const char *line)
{
	int status = system(line);

	if (status == 0)
		return;
	fprintf(stderr, "cannot run here: %s\n", line);
	exit(CANNOT_RUN);
}

/* Parameters of the overlay module, which get their own values back in the end. */
struct parameter { char path[128]; char value[8]; };

static struct parameter parameters[16];

static void write_parameter(const char *path, const char *value)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(value, file) < 0 || fclose(file))
		cannot_run(path);
}

static void restore_parameters(void)
{
	struct parameter *each;

	for (each = parameters; each->value[0]; each++)
		write_parameter(each->path, each->value);
}

static void set_parameter(const char *name, const char *value)
{
	struct parameter *each = parameters;
	FILE *file;

	if (!each->value[0])
		atexit(restore_parameters);
	while (each->value[0])
		each++;
	snprintf(each->path, sizeof(each->path), "/sys/module/overlay/parameters/%s", name);
	file = fopen(each->path, "r");
	if (!file || !fgets(each->value, sizeof(each->value), file))
		cannot_run(each->path);
	fclose(file);
	write_parameter(each->path, value);
}

static void make_dir(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		cannot_run(path);
	setup(lchown(path, uid, gid));
	setup(chmod(path, mode));
}

static void make_file(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	int file = open(path, O_CREAT | O_EXCL | O_RDWR, 0);

	setup(file);
	close(file);
	setup(lchown(path, uid, gid));
	setup(chmod(path, mode));
}

static void make_symlink(const char *path, const char *target, uid_t uid, gid_t gid)
{
	setup(symlink(target, path));
	setup(lchown(path, uid, gid));
}

static void make_node(const char *path, mode_t mode, uid_t uid, gid_t gid, dev_t device)
{
	setup(mknod(path, mode, device));
	setup(lchown(path, uid, gid));
	setup(chmod(path, mode & 07777));
}

#define fill(path, at, bytes) fill_with(path, at, bytes, sizeof(bytes) - 1)

static void fill_with(const char *path, off_t at, const char *bytes, size_t size)
{
	int file = open(path, O_WRONLY);

	setup(file);
	setup(pwrite(file, bytes, size, at));
	close(file);
}

#define set_xattr(path, name, value) \
	setup(lsetxattr(path, name, value, sizeof(value) - 1, 0))

/* Comes last: making and filling objects changes times. */
static void set_age(const char *path, time_t atime, time_t mtime)
{
	const struct timespec times[] = { { .tv_sec = atime }, { .tv_sec = mtime } };

	setup(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
}

static void set_flags(const char *path, unsigned int flags)
{
	struct fsxattr attr = { .fsx_xflags = flags };
	int file = open(path, O_RDONLY);

	setup(file);
	/* Some file systems have no flags, or not these. */
	if (ioctl(file, FS_IOC_FSSETXATTR, &attr) < 0 && errno != EOPNOTSUPP && errno != ENOTTY)
		cannot_run(path);
	close(file);
}

static void enable_verity(const char *path)
{
	uint32_t arg[32] = { 1 /* version */, 1 /* SHA-256 */, 4096 };
	int file = open(path, O_RDONLY);

	setup(file);
	setup(ioctl(file, _IOW('f', 133, char[128]), arg));
	close(file);
}

/* Which step runs, and when each began. */
static int step;

static struct timespec began[STEPS + 2];

/*
 * Stamps tell their step. Some come from a clock that lags behind by a tick, so a step waits until
 * that has come to where the step begins.
 */
static void next(int number)
{
	struct timespec coarse, *now = &began[step = number];

	clock_gettime(CLOCK_REALTIME, now);
	do
		clock_gettime(CLOCK_REALTIME_COARSE, &coarse);
	while (coarse.tv_sec < now->tv_sec ||
	       (coarse.tv_sec == now->tv_sec && coarse.tv_nsec < now->tv_nsec));
}

static void as_user(uid_t uid, gid_t gid)
{
	/* Only root may change its group. */
	setup(setresuid(-1, 0, -1));
	setup(setresgid(-1, gid, -1));
	setup(setresuid(-1, uid, -1));
}

/* What the last call returned, or minus its errno. */
static long ret;

static void differs(const char *what, const char *expected)
{
	printf("step %d: the kernel differs: %s\n", step, what);
	printf("expected: %s\n", expected);
	exit(DIFFERS);
}

static long show_call(const char *call, long value)
{
	ret = value < 0 ? -errno : value;
	if (value < 0)
		printf("%3d  %s = -1 %s\n", step, call, errno_name(errno));
	else
		printf("%3d  %s = %ld\n", step, call, value);
	return value;
}

/* A call of which nothing is expected. */
#define also(call) show_call(#call, (long)(call))

/* A call that succeeds, fails with one of some errnos, or may do both. */
#define works(call) expect(#call, (long)(call), "success", 0, -1)

#define fails(call, ...) expect(#call, (long)(call), #__VA_ARGS__, __VA_ARGS__, -1)

#define works_or_fails(call, ...) \
	expect(#call, (long)(call), "success or " #__VA_ARGS__, 0, __VA_ARGS__, -1)

static long expect(const char *call, long value, const char *expected, ...)
{
	int number, fits = 0;
	va_list numbers;

	show_call(call, value);
	va_start(numbers, expected);
	while ((number = va_arg(numbers, int)) >= 0)
		fits |= number == (ret < 0 ? -ret : 0);
	va_end(numbers);
	if (!fits)
		differs(ret < 0 ? errno_name(-ret) : "success", expected);
	return ret;
}

/* A call that returns a number, of bytes or a position. */
#define returns(call, number) \
	expect_number(expect(#call, (long)(call), "success", 0, -1), number)

static void expect_number(long seen, long expected)
{
	char texts[2][24];

	snprintf(texts[0], sizeof(texts[0]), "%ld", seen);
	snprintf(texts[1], sizeof(texts[1]), "%ld", expected);
	if (seen != expected)
		differs(texts[0], texts[1]);
}

/* A step of several calls fails with the errno of the first of them that fails. */
static int first_errno;

#define first(call) (first_errno = 0, note_errno(show_call(#call, (long)(call))))

#define tell(call) note_errno(show_call(#call, (long)(call)))

static long note_errno(long value)
{
	if (value < 0 && !first_errno)
		first_errno = -ret;
	return value;
}

#define fails_with(...) fails_as(#__VA_ARGS__, __VA_ARGS__, -1)

static void fails_as(const char *expected, ...)
{
	int number, fits = 0;
	va_list numbers;

	va_start(numbers, expected);
	while ((number = va_arg(numbers, int)) >= 0)
		fits |= number == first_errno;
	va_end(numbers);
	if (!fits)
		differs(first_errno ? errno_name(first_errno) : "success", expected);
}

/* What is done to a whole tree, by a tool. */
static int shell(const char *line)
{
	errno = EIO;
	return system(line) ? -1 : 0;
}

/* A file that a call has opened; what was open there is closed. */
static void take(int slot, int file)
{
	if (file < 0)
		return;
	if (fd[slot] >= 0)
		close(fd[slot]);
	fd[slot] = file;
}

/* A program that runs, stopped before its first instruction. */
static pid_t program;

static void end_program(void)
{
	if (program > 0) {
		kill(program, SIGKILL);
		waitpid(program, NULL, 0);
	}
	program = 0;
}

static long start_program(const char *path)
{
	int status;

	end_program();
	program = fork();
	if (program == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ||
		    syscall(SYS_execve, path, NULL, NULL) < 0)
			_exit(errno);
		_exit(0);
	}
	waitpid(program, &status, 0);
	if (WIFSTOPPED(status))
		return 0;
	program = 0;
	errno = WEXITSTATUS(status);
	return -1;
}

static int shut(int slot)
{
	int file = fd[slot];

	fd[slot] = -1;
	return close(file);
}

/* Nothing that the steps opened keeps the mount busy any more. */
static void let_go(void)
{
	int slot;

	for (slot = 0; slot < 4; slot++)
		if (fd[slot] >= 0)
			shut(slot);
	munmap(map(0), 2 * MAP_BYTES);
}

/* Room for a handle; it becomes one of ours where the call succeeds. */
static struct file_handle *room_for(unsigned int bytes)
{
	memset(&fresh, 0, sizeof(fresh));
	fresh.head.handle_bytes = bytes;
	return &fresh.head;
}

/* The flags that were told last, some of them turned over. */
static char *flipped(unsigned int flags)
{
	((struct fsxattr *)buffer)->fsx_xflags ^= flags;
	return buffer;
}

static struct file_handle *damaged(int number, size_t byte, int flip)
{
	fresh = handles[number];
	((char *)&fresh)[byte] ^= flip;
	return &fresh.head;
}

static void expect_handle_type(int expected)
{
	expect_number(fresh.head.handle_type, expected);
}

/* Text that grows. */
struct text { char bytes[1 << 18]; size_t used; };

static struct text seen;

static void say(const char *format, ...)
{
	size_t room = sizeof(seen.bytes) - seen.used;
	va_list values;
	int used;

	va_start(values, format);
	used = vsnprintf(seen.bytes + seen.used, room, format, values);
	va_end(values);
	if (used < 0 || (size_t)used >= room)
		cannot_run("too much to look at");
	seen.used += used;
}

static void say_quoted(const char *bytes, size_t size)
{
	size_t i;

	say("\"");
	for (i = 0; i < size; i++) {
		unsigned char c = bytes[i];

		if (c == '"' || c == '\\')
			say("\\%c", c);
		else if (c >= ' ' && c <= '~')
			say("%c", c);
		else
			say("\\x%02x", c);
	}
	say("\"");
}

#define holds(bytes) expect_bytes(bytes, sizeof(bytes) - 1)

static void expect_bytes(const char *expected, size_t size)
{
	char *text;

	if ((size_t)ret == size && !memcmp(buffer, expected, size))
		return;
	seen.used = 0;
	say_quoted(buffer, ret);
	text = strdup(seen.bytes);
	seen.used = 0;
	say_quoted(expected, size);
	differs(text, seen.bytes);
}
