# What reproducers are made of. Only what one uses is copied into it.

# PATH MODE OWNER: with five digits chmod(1) takes away set-id bits that were inherited.
make_dir()
{
	[ -d "$1" ] || setup mkdir "$1"
	setup chown -h "$3" "$1"
	setup chmod "0$2" "$1"
}

make_file()
{
	: >"$1"
	setup chown "$3" "$1"
	setup chmod "0$2" "$1"
}

make_symlink()
{
	setup ln -sT "$2" "$1"
	setup chown -h "$3" "$1"
}

# PATH MODE OWNER TYPE [MAJOR MINOR]
make_node()
{
	setup mknod "$1" "${@:4}"
	setup chown "$3" "$1"
	setup chmod "0$2" "$1"
}

# PATH OFFSET BYTES, as %b of printf(1) spells them
fill()
{
	printf '%b' "$3" | setup dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# PATH ATIME MTIME: comes last, as making and filling objects changes times.
set_age()
{
	setup touch -h -a -d "@$2" "$1"
	setup touch -h -m -d "@$3" "$1"
}

# Which step runs, and when each began, in nanoseconds.
step=0

began=()

# Stamps tell their step. They come from a clock that lags behind by a tick.
next()
{
	step=$1
	began[step]=${EPOCHREALTIME/./}000
	sleep 0.03
}

# What overlayfs was asked before may matter: the model has all looked at after each step.
begin()
{
	look >/dev/null
	next "$1"
}

errno_of()
{
	case "${1##*: }" in
	"Operation not permitted") echo EPERM ;;
	"No such file or directory") echo ENOENT ;;
	"Input/output error") echo EIO ;;
	"Bad file descriptor") echo EBADF ;;
	"Permission denied") echo EACCES ;;
	"Device or resource busy") echo EBUSY ;;
	"File exists") echo EEXIST ;;
	"Invalid cross-device link") echo EXDEV ;;
	"Not a directory") echo ENOTDIR ;;
	"Is a directory") echo EISDIR ;;
	"Invalid argument") echo EINVAL ;;
	"Text file busy") echo ETXTBSY ;;
	"No space left on device") echo ENOSPC ;;
	"Read-only file system") echo EROFS ;;
	"Too many links") echo EMLINK ;;
	"Numerical result out of range") echo ERANGE ;;
	"File name too long") echo ENAMETOOLONG ;;
	"Directory not empty") echo ENOTEMPTY ;;
	"Too many levels of symbolic links") echo ELOOP ;;
	"No data available" | "No such attribute") echo ENODATA ;;
	"Value too large for defined data type") echo EOVERFLOW ;;
	"Operation not supported" | "Not supported") echo EOPNOTSUPP ;;
	"Stale file handle") echo ESTALE ;;
	"No such device or address") echo ENXIO ;;
	*) echo "${1:-failure}" ;;
	esac
}

# Runs a command; how it went is success or an errno. Bash runs it itself, as it may open files.
try()
{
	if "$@" 2>$tmp.said; then how=success; else how=$(errno_of "$(tail -n 1 $tmp.said)"); fi
}

# What a command prints
hear()
{
	seen=$("$@" | quoted; exit "${PIPESTATUS[0]}")
}

# UID GID COMMAND...
as_user()
{
	setpriv --reuid "$1" --regid "$2" --clear-groups -- "${@:3}"
}

# MASK COMMAND...
with_umask()
{
	(umask "$1" && "${@:2}")
}

# rename(2), which mv(1) is not
rename_to()
{
	perl -e 'rename($ARGV[0], $ARGV[1]) or die "rename: $!\n"' "$1" "$2"
}

# truncate(2): truncate(1) opens the file
truncate_to()
{
	perl -e 'truncate($ARGV[0], $ARGV[1]) or die "truncate: $!\n"' "$1" "$2"
}

# FILE HOW PATH: opens, and keeps it open; exec is bash's own.
opens()
{
	eval "exec $1$2\"\$3\""
}

closes()
{
	eval "exec $1>&-"
}

# FILE BYTES, as %b of printf(1) spells them
writes()
{
	printf '%b' "$2" >&"$1"
}

# FILE SIZE
reads()
{
	dd bs="$2" count=1 status=none <&"$1"
}

drop_caches()
{
	sync && echo 2 >/proc/sys/vm/drop_caches
}

# Bytes on standard input as a string
quoted()
{
	local byte text=
	for byte in $(od -An -v -tx1); do
		case $byte in
		22) text+='\"' ;;
		5c) text+='\\' ;;
		[2-6]? | 7[0-9a-e]) text+=$(printf "\x$byte.") && text=${text%.} ;;
		*) text+="\\x$byte" ;;
		esac
	done
	printf '"%s"' "$text"
}

# A stamp of a step is known by the step.
when()
{
	local i=$step ns=${1/./}
	# What is yet to come was set.
	[ "$ns" -gt "${EPOCHREALTIME/./}000" ] && i=-1
	for ((; i >= 0; i--)); do
		[ "$ns" -ge "${began[i]}" ] && { printf 'step%d' "$i"; return; }
	done
	printf '%s' "${1%.000000000}"
}

# PATH [-L]: what stat(1) tells
status_of()
{
	local type mode owner nlink size major minor atime mtime ctime
	read -r mode owner nlink size major minor atime mtime ctime type < <(
		stat $2 -c '%a %u:%g %h %s %t %T %.9X %.9Y %.9Z %F' -- "$1")
	case $type in
	directory) type=dir ;;
	regular*) type=file ;;
	symbolic*) type=symlink ;;
	character*) type=chr ;;
	block*) type=blk ;;
	esac
	printf '%s' "$type 0$mode $owner nlink=$nlink"
	case $type in
	file | symlink) printf ' size=%s' "$size" ;;
	chr | blk) printf ' rdev=%d:%d' "0x$major" "0x$minor" ;;
	esac
	printf ' atime=' && when "$atime"
	printf ' mtime=' && when "$mtime"
	printf ' ctime=' && when "$ctime"
}

# A value in hex; of some only an identity or a length can be said.
value_of()
{
	case $1:$2 in
	*.overlay.*:0x00fb*) printf handle ;;
	*.overlay.uuid:*) printf random ;;
	*) printf '%b' "$(sed 's/^0x//; s/../\\x&/g' <<<"$2")" | quoted ;;
	esac
}

xattrs_of()
{
	local line
	while IFS= read -r line; do
		case $line in
		'#'* | '' | security.selinux=*) ;;
		*=*) printf ' %s=%s' "${line%%=*}" "$(value_of "${line%%=*}" "${line#*=}")" ;;
		*) printf ' %s=""' "$line" ;;
		esac
	done < <(getfattr -h -d -m - -e hex --absolute-names -- "$1" 2>/dev/null | sort)
}

# The kernel makes up some names below the work directory: by a counter, or from a handle.
shown_path()
{
	if [[ $1 =~ ^(w(ork)?/(work|index)/)#[0-9a-f]+$ ]]; then
		shown=${BASH_REMATCH[1]}#
	elif [[ $1 =~ ^(w(ork)?/index/)[0-9a-f]{42,}$ ]]; then
		shown=${BASH_REMATCH[1]}@
	else
		shown=$1
	fi
}

# PATH NAME: an object by a name for it, and all below it, each on a line.
walk()
{
	local path=$1 shown error size name
	shown_path "$2"
	if ! error=$(stat -- "$path" 2>&1 >/dev/null) && ! [ -L "$path" ]; then
		echo "$shown unreadable=$(errno_of "$error")"
		return
	fi
	printf '%s ' "$shown"
	status_of "$path"
	[ "$shown" = "$2" ] && printf ' ino=%s' "$(stat -c %i -- "$path")"
	[ -L "$path" ] && printf ' -> %s' "$(readlink -n -- "$path" | quoted)"
	xattrs_of "$path"
	size=$(stat -c %s -- "$path")
	if [ -f "$path" ] && [ ! -L "$path" ] && [ "$size" -gt 0 ]; then
		if ! error=$(cat -- "$path" 2>&1 >/dev/null); then
			printf ' reading=%s' "$(errno_of "$error")"
		elif [ "$size" -le 48 ]; then
			printf ' %s' "$(head -c "$size" -- "$path" | quoted)"
		else
			printf ' cksum=%s' "$(head -c "$size" -- "$path" | cksum | cut -d ' ' -f 1)"
		fi
	fi
	echo
	[ -d "$path" ] && [ ! -L "$path" ] || return 0
	while IFS= read -r name; do
		walk "$path/$name" "$2/$name"
	done < <(ls -A -- "$path")
}

# Inode numbers by the order in which one look comes to them
number_inos()
{
	awk 'match($0, / ino=[0-9]+/) {
		ino = substr($0, RSTART, RLENGTH)
		if (!(ino in id))
			id[ino] = ++used
		$0 = substr($0, 1, RSTART - 1) " ino=" id[ino] substr($0, RSTART + RLENGTH)
	}
	{ print }'
}

# Of several file systems the same number may be for different objects.
drop_inos()
{
	sed 's/ ino=[0-9]*//'
}
