# What scripts that run by themselves are made of, beside frame.sh.

cannot_run()
{
	echo "cannot run here: $*" >&2
	exit 3
}

needs()
{
	local tool
	for tool; do
		command -v "$tool" >/dev/null || cannot_run "$tool is missing"
	done
}

# Everything happens in an empty file system of our own, which goes when we end.
enter()
{
	[ "$(id -u)" = 0 ] || cannot_run "this is for root"
	grep -qw overlay /proc/filesystems || modprobe overlay || cannot_run "there is no overlayfs"
	umask 0
	mount -t tmpfs -o mode=755,noatime,nodev tmpfs /tmp || cannot_run "mount of a tmpfs"
	mkdir -m 755 /tmp/repro
	tmp=/tmp/shell
}

# What has to work before there is anything to see.
setup()
{
	"$@" || cannot_run "$*"
}

# NAME VALUE: of the overlay module, which gets its own value back in the end
set_parameter()
{
	local file=/sys/module/overlay/parameters/$1
	[ -e "$file" ] || cannot_run "no parameter $1"
	restore+="echo $(<"$file") >$file;"
	trap "$restore" EXIT
	echo "$2" >"$file"
}

differs()
{
	echo "step $step: the kernel differs: $1"
	echo "expected: $2"
	exit 1
}

# What is done, and how it went
tell()
{
	printf '%3d  %s: %s\n' "$step" "$1" "$2"
}

works()
{
	try "$@"
	tell "$*" "$how"
	[ "$how" = success ] || differs "$how" success
}

# ERRNO[|ERRNO...] COMMAND...
fails()
{
	try "${@:2}"
	tell "${*:2}" "$how"
	[[ "|$1|" = *"|$how|"* ]] || differs "$how" "$1"
}

# TEXT COMMAND...: the command succeeds and prints that
prints()
{
	hear "${@:2}" || differs failure success
	tell "${*:2}" "$seen"
	[ "$seen" = "$1" ] || differs "$seen" "$1"
}

# What is mounted, and the layers, each object on a line of standard input.
expect_state()
{
	if ! diff -U 0 - <(look) >$tmp.diff; then
		echo "after step $step, expected (-) and seen (+):"
		tail -n +3 $tmp.diff | grep -v '^@@'
		exit 1
	fi
}
