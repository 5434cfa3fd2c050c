/* SPDX-License-Identifier: MIT */
/*
 * Reads a group of settings of a libconfig file into a struct, by a table that says of each setting its name, its
 * type, what is allowed and where it goes. What the settings mean is left to the table's owner.
 */
#ifndef XS_SETTINGS_H
#define XS_SETTINGS_H

#include "conftext.h"
#include "messages.h"

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>

enum setting_type {
    SETTING_BOOLEAN, /* bool */
    SETTING_INTEGER, /* int; one that is faulty becomes lowest - 1, so that later checks can tell */
    SETTING_CHOICE,  /* int: the place of the word in choices */
    SETTING_STRING,  /* char *, not empty, the owner's to free */
    SETTING_STRINGS, /* char **: one string, or an array or a list of them; NULL-ended, at least one, none empty */
    SETTING_PATTERN, /* struct pattern *, not of an empty text */
    SETTING_GROUP,   /* a group with a table of its own, into the same struct */
    SETTING_CUSTOM,  /* what the function makes of it */
};

/* Where the settings come from and where their faults go. */
struct settings {
    const struct conftext *text;
    struct messages *problems;
};

struct setting_row {
    const char *name; /* NULL: the table's end */
    enum setting_type type;
    size_t offset; /* in the struct */
    int lowest;    /* SETTING_INTEGER: what is allowed */
    int highest;
    int number;                     /* default of a boolean, an integer, a choice */
    const char *text;               /* default of a string or a pattern; NULL: the pointer stays NULL */
    const char *const *choices;     /* NULL-ended words */
    const char *group;              /* SETTING_PATTERN: the group that it must have; NULL: none */
    const struct setting_row *rows; /* SETTING_GROUP: its table */
    /* SETTING_STRING and _STRINGS: reports what is wrong with one right string; false if something is. */
    bool (*check)(const struct settings *settings, const config_setting_t *setting, const char *text);
    void (*read)(const struct settings *settings, const config_setting_t *setting, void *target);
};

/*
 * Reads the group's settings into target, an all-zero struct; those that the group hasn't (or if it is NULL, all) get
 * their defaults. Every fault, unknown settings too, goes to the problems. What was stored is the owner's, in any
 * case.
 */
void settings_read(const struct settings *settings, const config_setting_t *group, const struct setting_row *rows,
                   void *target);

/* Reports "FILE:LINE: SETTING: " and the text, SETTING with the groups around it: auto.interval, logs.files. */
void settings_fault(const struct settings *settings, const config_setting_t *setting, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As settings_fault, of a setting that should stand in the group and doesn't. */
void settings_missing(const struct settings *settings, const config_setting_t *group, const char *name,
                      const char *allowed);

/* As settings_missing, of one that is to be one of the names (NULL-ended). */
void settings_missing_word(const struct settings *settings, const config_setting_t *group, const char *name,
                           const char *const *names);

/* True if the setting is an array or a list. */
bool settings_is_sequence(const config_setting_t *setting);

/* Reports that the setting isn't what is wanted ("a group { ... }") but of another type. */
void settings_wrong_type(const struct settings *settings, const config_setting_t *setting, const char *wanted);

/* Reports that memory ran out. */
void settings_no_memory(const struct settings *settings);

/* Reports a word that isn't one of the names (NULL-ended): the nearest and all of them are told. */
void settings_unknown_word(const struct settings *settings, const config_setting_t *setting, const char *word,
                           const char *const *names);

/* The strings of a string, an array or a list as a new NULL-ended list, or NULL: reported as faults then. */
char **settings_strings(const struct settings *settings, const config_setting_t *setting,
                        const struct setting_row *row);

/* A new NULL-ended list of one string, or NULL if memory ran out. */
char **strings_of(const char *text);

void strings_free(char **strings);

#endif
