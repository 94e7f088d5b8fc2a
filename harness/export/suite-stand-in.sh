#!/bin/bash
# Runs a case of fstests as that suite would, as far as a case of ours asks anything of it:
# suite-stand-in.sh CASE BASE. Exit status: 0 it prints what it should, 1 it does not, 3 not run.

if [ -z "${BASH_SOURCE[1]-}" ]; then
	[ "${OVL_SUITE-}" ] || OVL_SUITE=1 exec unshare -m bash "$0" "$@"
	export LC_ALL=C MOUNT_PROG=mount UMOUNT_PROG=umount PERL_PROG=$(type -P perl)
	export OVL_BASE_FSTYP=$2 OVL_BASE_SCRATCH_MNT=$PWD/scratch
	export OVL_LOWER=ovl-lower OVL_UPPER=ovl-upper OVL_WORK=ovl-work
	export SCRATCH_MNT=$OVL_BASE_SCRATCH_MNT/ovl-mnt
	mkdir -p common scratch
	cp "$0" common/preamble
	: >common/attr
	mount -t tmpfs tmpfs scratch || exit 3
	"./$1" >"$1.out.bad" 2>&1
	[ $? = 3 ] && { cat "$1.out.bad"; exit 3; }
	diff -U 0 "$1.out" "$1.out.bad"
	exit
fi

_begin_fstest()
{
	seq=$(basename "$0")
	seqres=$PWD/$seq
	tmp=$PWD/tmp
	echo "QA output created by $seq"
}

_fail()
{
	echo "$*"
	exit 1
}

_notrun()
{
	echo "not run: $*"
	exit 3
}

_require_scratch_nocheck()
{
	mountpoint -q "$OVL_BASE_SCRATCH_MNT" || _notrun "no scratch file system"
}

_require_scratch_overlay_features()
{
	local feature
	for feature; do
		[ -e "/sys/module/overlay/parameters/$feature" ] || _notrun "no $feature"
	done
}

_require_attrs()
{
	command -v getfattr >/dev/null || _notrun "no getfattr"
}

_require_command()
{
	[ -x "$1" ] || _notrun "no $2"
}

_scratch_mkfs()
{
	rm -rf "${OVL_BASE_SCRATCH_MNT:?}"/*
	mkdir "$SCRATCH_MNT" "$OVL_BASE_SCRATCH_MNT/"{$OVL_LOWER,$OVL_UPPER,$OVL_WORK}
}

# LOWERDIR UPPERDIR|- WORKDIR|- OPTION...
_overlay_scratch_mount_dirs()
{
	local dirs=lowerdir=$1
	[ "$2" = - ] || dirs+=,upperdir=$2,workdir=$3
	mount -t overlay -o "$dirs" "${@:4}" "$OVL_BASE_SCRATCH_MNT" "$SCRATCH_MNT"
}
