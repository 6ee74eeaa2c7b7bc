"""Which system calls a worker may make: those that torch on a CPU, Python and honest student code need, and no others.

The list was found by tracing workers, and widened by what the C library may use instead and by what files in a scratch
folder, threads, clocks and signals take. All else fails with EPERM, so that code which tries is told, not killed.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable

_CLONE_THREAD = 0x00010000
_PRCTL_OPTIONS = (
    3,  # PR_GET_DUMPABLE; setting it would open the process to its likes
    15,  # PR_SET_NAME, for threads
    16,  # PR_GET_NAME
    39,  # PR_GET_NO_NEW_PRIVS
    0x53564D41,  # PR_SET_VMA, with which newer C libraries name their memory
)
_IOCTLS = (
    0x5401,  # TCGETS: is this a terminal?
    0x5413,  # TIOCGWINSZ: how wide is it?
    0x5421,  # FIONBIO
    0x5450,  # FIONCLEX
    0x5451,  # FIOCLEX
    0x541B,  # FIONREAD
)
_FILE_COMMANDS = (
    0,  # F_DUPFD
    1,  # F_GETFD
    2,  # F_SETFD
    3,  # F_GETFL
    4,  # F_SETFL
    1030,  # F_DUPFD_CLOEXEC
    1032,  # F_GETPIPE_SZ
)
"""Of `fcntl`. F_SETOWN and F_SETSIG would have the kernel send any signal to any process of the same user. By locks on
a file that all may read, such as torch's own, workers could signal to one another."""

# A table reads better than hundreds of quotation marks.
_ALLOWED = (  # noqa: SIM905
    # memory
    "brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 munlock get_mempolicy membarrier "
    "pkey_alloc pkey_free pkey_mprotect "
    # the socket to the grader, which is open already
    "recvfrom sendto read write readv writev shutdown getsockopt getsockname getpeername "
    # files, as far as Landlock lets it. It does not judge who changes modes and times, nor, before its third version,
    # lengths: where the worker's user is the grader's, all his files were open to that. So nobody changes them by name.
    "close close_range creat lseek _llseek pread64 pwrite64 preadv pwritev preadv2 pwritev2 "
    "stat fstat lstat newfstatat fstatat64 stat64 fstat64 lstat64 statx access faccessat faccessat2 "
    "readlink readlinkat getdents getdents64 getcwd chdir fchdir dup dup2 dup3 pipe pipe2 fsync "
    "fdatasync ftruncate ftruncate64 fadvise64 readahead rename renameat renameat2 mkdir mkdirat "
    "rmdir unlink unlinkat symlink symlinkat umask "
    "statfs fstatfs statfs64 fstatfs64 copy_file_range sendfile sendfile64 "
    # waiting
    "poll ppoll select _newselect pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait "
    "eventfd eventfd2 pause nanosleep clock_nanosleep sched_yield wait4 waitid "
    # threads
    "futex futex_waitv set_robust_list get_robust_list rseq set_tid_address arch_prctl gettid getcpu sched_getaffinity "
    "sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min getpriority "
    # clocks
    "clock_gettime clock_getres gettimeofday time times alarm getitimer setitimer timer_create timer_settime "
    "timer_gettime timer_delete timerfd_create timerfd_settime timerfd_gettime "
    # signals: whom they may reach, `only_own_signals` decides
    "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigreturn sigaltstack "
    "tgkill kill restart_syscall "
    # what the process is
    "getpid getppid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid getgroups getrlimit "
    "ugetrlimit getrusage sysinfo uname getrandom capget exit exit_group"
).split()
_NAMELESS = getattr(os, "O_TMPFILE", 0) & ~os.O_DIRECTORY
"""The one bit by which O_TMPFILE differs from opening a folder."""
_OPENING = (("open", 1), ("openat", 2))
"""Calls that open files, and which argument holds the flags."""
_FOR_ITSELF = ("prlimit64", "sched_setaffinity")
"""Calls whose first argument is a process; 0 is the caller. Any other of the same user would do as well."""
_SAID_TO_BE_UNKNOWN = ("clone3", "openat2")
"""The C library falls back to older calls, whose arguments a filter can see."""


def seccomp_filter() -> Callable[[], None]:
    """A prepared filter; calling it confines the calling process for good."""
    import pyseccomp  # type: ignore[import-untyped]

    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))

    def rule(name: str, *arguments: object, action: int = pyseccomp.ALLOW) -> None:
        with contextlib.suppress(OSError, ValueError):  # not a call of this architecture or library
            rules.add_rule(action, name, *arguments)

    for name in _ALLOWED:
        rule(name)
    for name, flags in _OPENING:
        # Not O_RDONLY with O_TRUNC: it empties a file, and before its third version Landlock takes it for reading.
        # Nor O_TMPFILE: nobody could count the files that it makes.
        rule(name, pyseccomp.Arg(flags, pyseccomp.MASKED_EQ, os.O_TRUNC | _NAMELESS, 0))
        for mode in (os.O_WRONLY, os.O_RDWR):
            rule(name, pyseccomp.Arg(flags, pyseccomp.MASKED_EQ, os.O_ACCMODE | _NAMELESS, mode))
    for name in _FOR_ITSELF:
        rule(name, pyseccomp.Arg(0, pyseccomp.EQ, 0))
    for name in ("fcntl", "fcntl64"):
        for command in _FILE_COMMANDS:
            rule(name, pyseccomp.Arg(1, pyseccomp.EQ, command))
    for option in _PRCTL_OPTIONS:
        rule("prctl", pyseccomp.Arg(0, pyseccomp.EQ, option))
    for command in _IOCTLS:
        rule("ioctl", pyseccomp.Arg(1, pyseccomp.EQ, command))
    # Threads, but no processes.
    rule("clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    for name in _SAID_TO_BE_UNKNOWN:
        rule(name, action=pyseccomp.ERRNO(errno.ENOSYS))
    load: Callable[[], None] = rules.load
    return load


def only_own_signals() -> None:
    """Confine the calling process to signals for itself. To be called before the large filter, which allows no other.

    Where the grader belongs to an ordinary user, a worker is the same user's, who may signal all that is his.
    """
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in ("kill", "tgkill"):
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name, pyseccomp.Arg(0, pyseccomp.NE, os.getpid()))
    rules.load()
