/* SPDX-License-Identifier: MIT */
#include "undue.h"

#include "path.h"

#include <string.h>

static const char *not_empty(const char *text)
{
    return text && *text != '\0' ? text : NULL;
}

/* The state's has no "/" at its end, but somebody may well have given it with one. */
static bool is_same_path(const char *given, const char *known)
{
    if (!given || *given != '/' || !known)
        return false;
    size_t length = strlen(given);
    while (length > 1 && given[length - 1] == '/')
        length--;
    return strncmp(given, known, length) == 0 && known[length] == '\0';
}

/* Whether the engine would find the same MailRoot for this call as for the one that wrote the state. */
static bool is_same_mail_root(const struct undue_call *call, const struct state *state)
{
    switch (state->origin) {
    case MAIL_ROOT_OPTION:
        return is_same_path(call->mail_root, state->mail_root);
    case MAIL_ROOT_SETTING:
        return !call->mail_root;
    case MAIL_ROOT_ENVIRONMENT:
        return !call->mail_root && is_same_path(call->mail_root_variable, state->mail_root);
    case MAIL_ROOT_PLACE:
        return !call->mail_root && !not_empty(call->mail_root_variable);
    }
    return false;
}

/* Whatever the state says: one that is wrong shall not silence the filter for good. */
static bool is_quiet(const struct state *state, time_t now)
{
    return now >= state->quiet_from && now < state->quiet_until &&
           (uint64_t)now - (uint64_t)state->quiet_from < STATE_QUIET_MAX;
}

bool undue_by_state(const struct undue_call *call, const char *configuration, const struct state *state)
{
    if (!is_quiet(state, call->now) || state->file_count == 0 || strcmp(state->files[0].path, configuration) != 0 ||
        !is_same_mail_root(call, state))
        return false;
    for (size_t i = 0; i < state->file_count; i++) {
        const struct identity identity = identity_of(state->files[i].path);
        if (!identity_equal(&identity, &state->files[i].identity))
            return false;
    }
    return true;
}

static bool ask_state(const struct undue_call *call, const char *configuration, const char *path,
                      struct state_bytes *bytes, struct state *state)
{
    struct error error;
    return state_read(path, bytes, state, &error) > 0 && undue_by_state(call, configuration, state);
}

bool undue_tell(const struct undue_call *call, struct state_bytes *bytes, struct state *state)
{
    char configuration_buffer[PATH_MAX];
    char path[PATH_MAX];
    *state = (struct state){.file_count = 0};
    const char *mail_root = not_empty(call->mail_root_variable);
    const char *configuration = path_configuration(call->configuration, call->configuration_variable,
                                                   call->mail_root ? call->mail_root : mail_root, configuration_buffer);
    if (!configuration)
        return false;
    if (call->mail_root)
        return path_put(path, call->mail_root, PATH_STATE) && ask_state(call, configuration, path, bytes, state);
    /* As installed, the state stands beside the configuration; else it may in MAIL_ROOT, or beside the program. */
    if (path_put_beside(path, configuration, PATH_STATE_NAME) && ask_state(call, configuration, path, bytes, state))
        return true;
    if (mail_root && path_put(path, mail_root, PATH_STATE) && ask_state(call, configuration, path, bytes, state))
        return true;
    return call->program && path_put_beside(path, call->program, PATH_STATE_NAME) &&
           ask_state(call, configuration, path, bytes, state) && state->origin != MAIL_ROOT_PLACE;
}
