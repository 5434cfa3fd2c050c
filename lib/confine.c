/* SPDX-License-Identifier: MIT */
#include "confine.h"

#ifdef __linux__
#include "place.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- who it is ---------------------------------------------------------------------------------------------------- */

/* Root becomes the owner of the directory, and keeps its capabilities for now. What fails leaves it as it was. */
static void become_owner(int directory)
{
    struct stat status;
    if (geteuid() != 0 || fstat(directory, &status) != 0 || status.st_uid == 0)
        return;
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && setgroups(0, NULL) == 0 &&
        syscall(SYS_setresgid, status.st_gid, status.st_gid, status.st_gid) == 0)
        (void)syscall(SYS_setresuid, status.st_uid, status.st_uid, status.st_uid);
}

static void drop_capabilities(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capget, &head, data) != 0)
        return;
    /* A service may have the greater one of both only. */
    const uint32_t reads = 1U << CAP_DAC_READ_SEARCH;
    data[0].permitted &= data[0].permitted & reads ? reads : 1U << CAP_DAC_OVERRIDE;
    data[0].effective = data[0].permitted;
    data[0].inheritable = data[1].permitted = data[1].effective = data[1].inheritable = 0;
    (void)syscall(SYS_capset, &head, data);
}

/* --- which files -------------------------------------------------------------------------------------------------- */

#if defined SYS_landlock_create_ruleset && __has_include(<linux/landlock.h>)
#include <linux/landlock.h>

/* Of later systems than the header may be of. */
enum {
    ABI_REFER = 2,
    ABI_TRUNCATE = 3,
};
static const uint64_t access_refer = UINT64_C(1) << 13;
static const uint64_t access_truncate = UINT64_C(1) << 14;

/* The directory, with what may be done below it. */
static void allow_below(int rules, int directory, uint64_t allowed)
{
    const struct landlock_path_beneath_attr rule = {.allowed_access = allowed, .parent_fd = directory};
    (void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static void restrict_files(int writable)
{
    const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return;
    const uint64_t write = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                           LANDLOCK_ACCESS_FS_MAKE_REG | (abi >= ABI_TRUNCATE ? access_truncate : 0);
    const uint64_t others = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                            LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                            LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |
                            (abi >= ABI_REFER ? access_refer : 0);
    const struct landlock_ruleset_attr handled = {.handled_access_fs = write | others};
    const int rules = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    if (rules < 0)
        return;
    if (writable >= 0)
        allow_below(rules, writable, write);
    (void)syscall(SYS_landlock_restrict_self, rules, 0);
    (void)close(rules);
}
#else
static void restrict_files(int writable)
{
    (void)writable;
}
#endif

/* --- which calls -------------------------------------------------------------------------------------------------- */

#if defined __x86_64__ || defined __aarch64__
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>

#ifdef __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#else
#define NATIVE AUDIT_ARCH_AARCH64
#endif

enum { FIRST_LATER = 450 }; /* Linux 5.17 */

/* What reading logs has no use for, and somebody who took the process over would. */
/* clang-format off */
static const uint32_t denied[] = {
    /* Programs and other processes. */
    SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kill, SYS_tkill,
    SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo,
    /* The net, and what else has descriptors of its own. */
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_open_by_handle_at,
    SYS_userfaultfd, SYS_perf_event_open, SYS_bpf, SYS_fanotify_init,
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup,
#endif
    /* Modes, owners and other marks of files; Landlock sees to their content. */
    SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr,
    SYS_lremovexattr, SYS_fremovexattr, SYS_mknodat,
#ifdef __x86_64__
    SYS_chmod, SYS_chown, SYS_lchown, SYS_mknod, SYS_ioperm, SYS_iopl, SYS_modify_ldt,
#endif
    /* Other rights than it has. */
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setfsuid, SYS_setfsgid,
    SYS_setgroups, SYS_capset, SYS_setns, SYS_unshare, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_personality,
    /* The system. */
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_sethostname,
    SYS_setdomainname, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_acct, SYS_quotactl,
    SYS_syslog, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_mount_setattr
    SYS_fsopen, SYS_fsmount, SYS_move_mount, SYS_open_tree, SYS_mount_setattr,
#endif
};
/* clang-format on */

static void restrict_calls(void)
{
    const struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    /* What is put into a terminal's input the user's shell runs. Of the command the system looks at 32 bits. */
    const struct sock_filter end[] = {
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + sizeof(uint64_t)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TIOCLINUX, 0, 1),
        refuse,
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    enum { DENIED = sizeof denied / sizeof *denied, END = sizeof end / sizeof *end, ROOM = 6 + 2 * DENIED + END };
    struct sock_filter code[ROOM] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
        refuse,
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        /* Whatever came later, or has a number of x32's, is as if the system didn't know it. */
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_LATER, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    unsigned short length = 6;
    for (size_t i = 0; i < DENIED; i++) {
        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, denied[i], 0, 1);
        code[length++] = refuse;
    }
    memcpy(code + length, end, sizeof end);
    length += END;
    const struct sock_fprog filter = {.len = length, .filter = code};
    (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}
#else
static void restrict_calls(void)
{
}
#endif

/* --- all of it ---------------------------------------------------------------------------------------------------- */

void confine(const char *writable)
{
    /* As long as it is root it follows no link of another user's: whose owner it becomes, and where it may write. */
    const int directory = writable ? place_open(writable) : -1;
    become_owner(directory);
    drop_capabilities();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) { /* without it the rest is refused */
        restrict_files(directory);
        restrict_calls();
    }
    if (directory >= 0)
        (void)close(directory);
}
#else
void confine(const char *writable)
{
    (void)writable;
}
#endif
