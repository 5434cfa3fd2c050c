/* SPDX-License-Identifier: MIT */
/*
 * Reads the logs in a process of its own. Attackers write most of what stands in a log: so what reads it has few rights
 * (confine), and whatever happens to it, the process that rewrites the list gets nothing but counts from it.
 */
#ifndef XS_APART_H
#define XS_APART_H

#include "buffer.h"
#include "error.h"
#include "gather.h"
#include "messages.h"

/*
 * As gather; it fails, too, if the process dies. Where no process can be started this one reads the logs. The calling
 * process must have one thread.
 */
int gather_apart(const struct gather_request *request, struct messages *warnings, struct gathered *gathered,
                 struct error *error);

/*
 * Writes down what was gathered, which isn't sealed (gather_unsealed), behind what is in the buffer. False: no memory,
 * here or in the buffer.
 */
bool apart_write(const struct gathered *gathered, size_t logs, struct buffer *bytes);

/*
 * The other way round. Returns 1, *gathered being the caller's to clear; 0 if the bytes aren't what apart_write writes
 * for this range and so many logs; or -1: no memory.
 */
int apart_read(const char *bytes, size_t length, struct day_range range, size_t logs, struct gathered *gathered);

#endif
