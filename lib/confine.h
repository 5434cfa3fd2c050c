/* SPDX-License-Identifier: MIT */
/*
 * Fewer rights for a process that reads what attackers wrote: should a log ever make it do what it shouldn't, then it
 * can't do much.
 */
#ifndef XS_CONFINE_H
#define XS_CONFINE_H

/*
 * For the rest of its life the calling process, which has one thread yet, can't run programs, change files other than
 * those in the directory writable (NULL: none at all) or anybody's modes and owners, have sockets, or touch other
 * processes, the system and what the user of a terminal types. Of root's rights it keeps that of reading any file;
 * where it writes it is the owner of the directory. What it has open stays open. On Linux, by Landlock (5.13,
 * landlock(7)), seccomp(2) and capabilities(7); what the system doesn't know isn't done, so that nothing fails for it.
 */
void confine(const char *writable);

#endif
