/* How reproducers look at what there is. Only what one uses is copied into it. */

/* A stamp of a step is known by the step. */
static const char *when(const struct statx_timestamp *at)
{
	static char texts[4][40];
	static int turn;
	char *text = texts[turn = (turn + 1) % 4];
	struct timespec now;
	int i;

	clock_gettime(CLOCK_REALTIME, &now);
	/* What is yet to come was set. */
	for (i = at->tv_sec > now.tv_sec ? -1 : step; i >= 0; i--)
		if (at->tv_sec > began[i].tv_sec ||
		    (at->tv_sec == began[i].tv_sec && at->tv_nsec >= began[i].tv_nsec))
			break;
	if (i >= 0)
		sprintf(text, "step%d", i);
	else if (at->tv_nsec)
		sprintf(text, "%lld.%09u", (long long)at->tv_sec, at->tv_nsec);
	else
		sprintf(text, "%lld", (long long)at->tv_sec);
	return text;
}

/* Inode numbers by the order in which one look comes to them. */
static uint64_t inos[4096];

static int inos_used;

static int ino_id(uint64_t ino)
{
	int i;

	for (i = 0; i < inos_used; i++)
		if (inos[i] == ino)
			return i + 1;
	if (inos_used == 4096)
		cannot_run("too many objects");
	inos[inos_used++] = ino;
	return inos_used;
}

static void say_status(const struct statx *st)
{
	const char *const types[] = {
		[S_IFDIR >> 12] = "dir", [S_IFREG >> 12] = "file", [S_IFLNK >> 12] = "symlink",
		[S_IFCHR >> 12] = "chr", [S_IFBLK >> 12] = "blk", [S_IFIFO >> 12] = "fifo",
		[S_IFSOCK >> 12] = "sock",
	};
	const unsigned int shown_flags = 0x100070;

	say("%s 0%o %u:%u nlink=%u", types[st->stx_mode >> 12], st->stx_mode & 07777, st->stx_uid,
	    st->stx_gid, st->stx_nlink);
	if (S_ISREG(st->stx_mode) || S_ISLNK(st->stx_mode))
		say(" size=%llu", (unsigned long long)st->stx_size);
	if (S_ISCHR(st->stx_mode) || S_ISBLK(st->stx_mode))
		say(" rdev=%u:%u", st->stx_rdev_major, st->stx_rdev_minor);
	if (st->stx_attributes & shown_flags)
		say(" flags=0x%x", (unsigned int)(st->stx_attributes & shown_flags));
	say(" atime=%s mtime=%s ctime=%s", when(&st->stx_atime), when(&st->stx_mtime),
	    when(&st->stx_ctime));
}

/* The sum of cksum(1). */
static uint32_t sum_of(const unsigned char *bytes, size_t size)
{
	uint32_t sum = 0;
	size_t i, rest;
	int bit;

	for (i = 0, rest = size; i < size || rest; i++) {
		unsigned char byte = i < size ? bytes[i] : rest & 255;

		if (i >= size)
			rest >>= 8;
		sum ^= (uint32_t)byte << 24;
		for (bit = 0; bit < 8; bit++)
			sum = sum << 1 ^ (sum & 0x80000000 ? 0x04c11db7 : 0);
	}
	return ~sum;
}

/* All of a file; what is read behind its size is left out, and what is missing is zeros. */
static void say_content(int file, size_t size)
{
	size_t used = 0;
	ssize_t got;

	memset(buffer, 0, size < sizeof(buffer) ? size : sizeof(buffer));
	do {
		got = read(file, buffer + used, sizeof(buffer) - used);
		used += got > 0 ? got : 0;
	} while (got > 0 && used < sizeof(buffer) && used < size);
	if (got < 0)
		say(" reading=%s", errno_name(errno));
	else if (size <= 48)
		say(" "), say_quoted(buffer, size);
	else
		say(" cksum=%" PRIu32, sum_of((unsigned char *)buffer, size));
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What only an identity or a length can say of a value. */
static void say_value(const char *name, const char *value, ssize_t size)
{
	const char *own = strstr(name, ".overlay.");

	if (size < 0)
		say("%s", errno_name(errno));
	else if (own && size > 4 && value[0] == 0 && value[1] == (char)0xfb)
		say("handle");
	else if (own && !strcmp(own, ".overlay.uuid") && size == 16)
		say("random");
	else
		say_quoted(value, size);
}

/* By the open file, or by its name in the working directory. */
static void say_xattrs(int file, const char *name)
{
	static char list[65536], value[65536];
	char *keys[256];
	int count = 0, i;
	ssize_t bytes, at, size;

	bytes = file < 0 ? llistxattr(name, list, sizeof(list)) :
			   flistxattr(file, list, sizeof(list));
	if (bytes < 0 && errno != EOPNOTSUPP)
		say(" xattrs=%s", errno_name(errno));
	for (at = 0; at < bytes && count < 256; at += strlen(list + at) + 1)
		keys[count++] = list + at;
	qsort(keys, count, sizeof(*keys), compare_names);
	for (i = 0; i < count; i++) {
		size = file < 0 ? lgetxattr(name, keys[i], value, sizeof(value)) :
				  fgetxattr(file, keys[i], value, sizeof(value));
		/* A label is the machine's own. */
		if (!strcmp(keys[i], "security.selinux"))
			continue;
		say(" %s=", keys[i]);
		say_value(keys[i], value, size);
	}
}

/* The kernel makes up some names below the work directory: by a counter, or from a handle. */
static const char *shown_path(const char *path)
{
	static char shown[4096];
	const char *name = strrchr(path, '/');
	size_t size = name ? name + 1 - path : 0;
	int in_work = size > 6 && !strncmp(name - 5, "/work", 5);
	int in_index = size > 7 && !strncmp(name - 6, "/index", 6);

	if (path[0] != 'w' || (!in_work && !in_index))
		return path;
	if (name[1] != '#' && (!in_index || strspn(name + 1, "0123456789abcdef") < 42))
		return path;
	sprintf(shown, "%.*s%s", (int)size, path, name[1] == '#' ? "#" : "@");
	return shown;
}

struct names { char *name[1024]; int count; };

/* All of a listing. A name that fails it is passed over. */
static int list_names(int file, struct names *names)
{
	char entries[32768] __attribute__((aligned(8)));
	int error = 0, failed = 0;
	long got, at;

	names->count = 0;
	while ((got = sys(getdents64, file, entries, sizeof(entries)))) {
		if (got < 0)
			error = error ? error : errno;
		if (got < 0 && ++failed == 16)
			break;
		for (at = 0; at < got && names->count < 1024;) {
			const struct dirent64 *entry = (const void *)(entries + at);

			at += entry->d_reclen;
			if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
				names->name[names->count++] = strdup(entry->d_name);
		}
	}
	qsort(names->name, names->count, sizeof(*names->name), compare_names);
	return error;
}

/* An object and all below it. Overlayfs notices being looked at, so that the order matters. */
static void walk(int dir, const char *name, const char *path)
{
	const char *shown = shown_path(path);
	int file = -1, error = 0, i;
	struct names names = { .count = 0 };
	struct statx st;

	say("%s ", shown);
	if (statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st) < 0) {
		say("unreadable=%s\n", errno_name(errno));
		return;
	}
	say_status(&st);
	if (shown == path && INOS)
		say(" ino=%d", ino_id(st.stx_ino));
	if (S_ISDIR(st.stx_mode) || S_ISREG(st.stx_mode)) {
		file = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NOATIME | O_NONBLOCK);
		error = file < 0 ? errno : 0;
	}
	if (file >= 0 && S_ISDIR(st.stx_mode))
		error = list_names(file, &names);
	if (S_ISLNK(st.stx_mode)) {
		say(" -> ");
		say_quoted(buffer, readlinkat(dir, name, buffer, sizeof(buffer)));
	}
	if (file < 0)
		setup(dir == AT_FDCWD ? chdir(TOP) : fchdir(dir));
	say_xattrs(file, name);
	if (error)
		say(" reading=%s", errno_name(error));
	else if (S_ISREG(st.stx_mode) && st.stx_size > 0)
		say_content(file, st.stx_size);
	say("\n");
	for (i = 0; i < names.count; i++) {
		char below[4096];

		snprintf(below, sizeof(below), "%s/%s", path, names.name[i]);
		walk(file, names.name[i], below);
		free(names.name[i]);
	}
	if (file >= 0)
		close(file);
}

/* The mounted overlay, and then all layers, which are what else there is. */
static void look(void)
{
	struct stat below, mounted;
	struct names names;
	int i, top;

	seen.used = inos_used = 0;
	setup(chdir(TOP));
	setup(stat(".", &below));
	setup(lstat("m", &mounted));
	if (below.st_dev == mounted.st_dev)
		say("m is not mounted\n");
	else
		walk(AT_FDCWD, "m", "m");
	setup(chdir(TOP));
	top = open(".", O_RDONLY);
	list_names(top, &names);
	for (i = 0; i < names.count; i++) {
		if (strcmp(names.name[i], "m") && strcmp(names.name[i], "o"))
			walk(top, names.name[i], names.name[i]);
		free(names.name[i]);
	}
	close(top);
	setup(chdir(TOP));
}

/* What overlayfs was asked before may matter: the model has all looked at after each step. */
static void begin(int number)
{
	look();
	next(number);
}

/* The lines of a text, in order. */
static int lines_of(char *text, char **lines, int max)
{
	char *line;
	int count = 0;

	for (line = strtok(text, "\n"); line && count < max; line = strtok(NULL, "\n"))
		lines[count++] = line;
	qsort(lines, count, sizeof(*lines), compare_names);
	return count;
}

/* What is mounted, and the layers, each object on a line. */
static void expect_state(const char *text)
{
	static char *model[4096], *kernel[4096];
	int models, kernels, i = 0, j = 0, order, wrong = 0;
	char *expected = strdup(text);

	look();
	models = lines_of(expected, model, 4096);
	kernels = lines_of(seen.bytes, kernel, 4096);
	while (i < models || j < kernels) {
		order = i == models ? 1 : j == kernels ? -1 : strcmp(model[i], kernel[j]);
		if (order != 0 && !wrong++)
			printf("after step %d, expected (-) and seen (+):\n", step);
		if (order < 0)
			printf("  - %s\n", model[i]);
		if (order > 0)
			printf("  + %s\n", kernel[j]);
		i += order <= 0;
		j += order >= 0;
	}
	free(expected);
	if (wrong)
		exit(DIFFERS);
}

static void expect_text(const char *expected)
{
	if (strcmp(seen.bytes, expected))
		differs(seen.bytes, expected);
}

/* What statx(2) told. */
static void shows(const char *expected)
{
	seen.used = 0;
	say_status(&told_status);
	expect_text(expected);
}

static void shows_all(const char *expected)
{
	seen.used = 0;
	say("mask=0x%x attributes=0x%llx btime=%s ", told_status.stx_mask,
	    (unsigned long long)told_status.stx_attributes, when(&told_status.stx_btime));
	say_status(&told_status);
	expect_text(expected);
}

static void expect_bits(unsigned int expected, unsigned int ignored)
{
	uint32_t bits;

	memcpy(&bits, buffer, sizeof(bits));
	expect_number(bits & ~ignored, expected);
}

/* A place in the overlay. What never had a name is shown by the number of its inode. */
static void leads_to(const char *expected)
{
	char *text = buffer, *number;
	size_t size = strlen(TOP "/m");

	buffer[ret] = 0;
	if (!strncmp(text, TOP "/m", size))
		text += text[size] ? size + 1 : size;
	seen.used = 0;
	say("%s", text == buffer + size ? "." : text);
	number = strrchr(seen.bytes, '#');
	if (number && strstr(number, " (deleted)"))
		strcpy(number, "# (deleted)");
	expect_text(expected);
}

/* What came of a range that was to be shared: how much, or why not. */
static void shares(const char *expected)
{
	seen.used = 0;
	if (shared.info.status < 0)
		say("%s", errno_name(-shared.info.status));
	else if (shared.info.status)
		say("differs");
	else
		say("%llu bytes", (unsigned long long)shared.info.bytes_deduped);
	expect_text(expected);
}

/* Names of xattrs, in any order, each with its end. */
static void lists(const char *expected)
{
	char *names[1024];
	int count = 0, i;
	long at;

	for (at = 0; at < ret && count < 1024; at += strlen(buffer + at) + 1)
		names[count++] = buffer + at;
	qsort(names, count, sizeof(*names), compare_names);
	seen.used = 0;
	say("");
	for (i = 0; i < count; i++)
		say("%s%s", i ? " " : "", names[i]);
	expect_text(expected);
}

static int is_in(const char *names, const char *name)
{
	char with_ends[260];

	snprintf(with_ends, sizeof(with_ends), "/%s/", name);
	return strstr(names, with_ends) != NULL;
}

/*
 * Part of a listing, which goes on from call to call. Names come in any order but once each, and
 * the end only when all that must come have come.
 */
static void expect_names(int listing, const char *must, const char *may, int repeats)
{
	static char listed[64][16384];
	char *so_far = listed[listing % 64], text[300], *name;
	long at;

	strcat(so_far, *so_far ? "" : "/");
	for (at = 0; at < ret;) {
		const struct dirent64 *entry = (const void *)(buffer + at);

		at += entry->d_reclen;
		snprintf(text, sizeof(text), "%s is listed", entry->d_name);
		if (is_in(so_far, entry->d_name) && !repeats)
			differs(text, "once");
		if (!is_in(must, entry->d_name) && !is_in(may, entry->d_name))
			differs(text, "not at all");
		strcat(strcat(so_far, entry->d_name), "/");
	}
	if (ret != 0)
		return;
	for (name = strtok(strdup(must), "/"); name; name = strtok(NULL, "/")) {
		snprintf(text, sizeof(text), "%s is not listed", name);
		if (!is_in(so_far, name))
			differs(text, "all names");
	}
}

/* What mountinfo shows behind the last dash. */
static void mount_shows(const char *expected)
{
	FILE *file = fopen("/proc/self/mountinfo", "r");
	char *line = NULL, *options;
	size_t room = 0;

	seen.used = 0;
	say("nothing");
	while (file && getline(&line, &room, file) > 0) {
		if (!strstr(line, " " TOP "/m "))
			continue;
		line[strcspn(line, "\n")] = 0;
		options = strrchr(line, ' ') + 1;
		seen.used = 0;
		say("%s", options);
		break;
	}
	if (file)
		fclose(file);
	expect_text(expected);
}

/* What a watch is told, in any order: when, and what. */
static char told[4096];

static void hear(const char *phase)
{
	static const char *const names[] = {
		"IN_ACCESS", "IN_MODIFY", "IN_ATTRIB", "IN_CLOSE_WRITE", "IN_CLOSE_NOWRITE",
		"IN_OPEN", "IN_MOVED_FROM", "IN_MOVED_TO", "IN_CREATE", "IN_DELETE",
		"IN_DELETE_SELF", "IN_MOVE_SELF",
	};
	ssize_t got = read(fd[WATCH], buffer, 1024), at;
	char line[64];
	size_t bit;

	for (at = 0; at < got;) {
		const struct inotify_event *event = (const void *)(buffer + at);

		at += sizeof(*event) + event->len;
		for (bit = 0; bit < 12; bit++) {
			if (!(event->mask >> bit & 1))
				continue;
			sprintf(line, "%s %s\n", phase, names[bit]);
			if (!strstr(told, line))
				strcat(told, line);
		}
	}
}

/* The same in order, with names; both ends of a rename have one number. */
static void hear_all(void)
{
	static const char *const names[] = {
		"IN_ACCESS", "IN_MODIFY", "IN_ATTRIB", "IN_CLOSE_WRITE", "IN_CLOSE_NOWRITE",
		"IN_OPEN", "IN_MOVED_FROM", "IN_MOVED_TO", "IN_CREATE", "IN_DELETE",
		"IN_DELETE_SELF", "IN_MOVE_SELF", "0x1000", "IN_UNMOUNT", "IN_Q_OVERFLOW",
		"IN_IGNORED", [30] = "IN_ISDIR",
	};
	ssize_t got = read(fd[WATCH], buffer, 4096), at;
	uint32_t cookie = 0;
	int moves = 0;
	size_t bit;

	for (at = 0; at < got;) {
		const struct inotify_event *event = (const void *)(buffer + at);
		const char *before = told[0] ? ", " : "";

		at += sizeof(*event) + event->len;
		for (bit = 0; bit < 31; bit++) {
			if (!(event->mask >> bit & 1))
				continue;
			sprintf(told + strlen(told), "%s%s", before, names[bit] ? names[bit] : "?");
			before = "|";
		}
		if (event->len)
			sprintf(told + strlen(told), " %s", event->name);
		if (!event->cookie)
			continue;
		moves += event->cookie != cookie;
		cookie = event->cookie;
		sprintf(told + strlen(told), " #%d", moves);
	}
}

static void was_told(const char *expected)
{
	seen.used = 0;
	say("%s", told);
	told[0] = 0;
	expect_text(expected);
}

static void heard(const char *expected)
{
	char *lines[64];
	int count = lines_of(told, lines, 64), i;

	seen.used = 0;
	say("");
	for (i = 0; i < count; i++)
		say("%s%s", i ? ", " : "", lines[i]);
	told[0] = 0;
	expect_text(expected);
}
