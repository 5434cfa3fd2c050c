/* SPDX-License-Identifier: MIT */
/* The descriptors that a process was started with. */
#ifndef XS_DESCRIPTORS_H
#define XS_DESCRIPTORS_H

#include <stdbool.h>

/*
 * Makes sure that the descriptors 0 to 2 are open: whoever started us with one of them closed would else find our
 * messages in the next file that we open, which may be the list. False with errno if that can't be done.
 */
bool descriptors_occupy_standard(void);

/* Lets 0 to 2 lead nowhere. What can't be done isn't done: the output may be lost, nothing else. */
void descriptors_silence_standard(void);

/* Closes all others: XMail leaves its sockets open in its filters. */
void descriptors_close_others(void);

#endif
