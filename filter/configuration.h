/* SPDX-License-Identifier: MIT */
/* Which configuration file a call means. */
#ifndef XS_CONFIGURATION_H
#define XS_CONFIGURATION_H

/*
 * The path of the configuration file: given (-c), else $XMAIL_SPAMMERS_CONF, else the one in MailRoot (-r, else
 * $MAIL_ROOT), else the one beside the program (name0 is its argv[0]), if there is one. Returns a new string, the
 * caller's to free, or NULL if none is known.
 */
char *configuration_path(const char *name0, const char *given, const char *mail_root);

#endif
