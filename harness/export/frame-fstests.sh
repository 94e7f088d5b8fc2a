# What fstests cases are made of, beside frame.sh.

# What has to work before there is anything to see
setup()
{
	"$@" || _fail "cannot $*"
}

# Runs a command, and prints how it went.
tell()
{
	try "$@"
	echo "   $how"
}

# ERRNO[|ERRNO...] COMMAND...: any of these is as good
tell_one_of()
{
	try "${@:2}"
	[[ "|$1|" = *"|$how|"* ]] && how=$1
	echo "   $how"
}

# Prints what a command prints.
show()
{
	hear "$@" || seen=failure
	echo "   $seen"
}
