/* SPDX-License-Identifier: MIT */
#include "diagnosis.h"

#include "inspect.h"
#include "shellword.h"

#include <stdbool.h>

static const struct {
    inspect_function *inspect;
    bool is_base; /* if this finds anything, those that need it are left out */
    bool needs_base;
} inspections[] = {
    {inspect_mail_root, .is_base = true},       {inspect_writing, .needs_base = true},
    {inspect_user, .needs_base = true},         {inspect_logs, .needs_base = true},
    {inspect_list, .needs_base = true},         {inspect_whitelist, .needs_base = true},
    {inspect_rebuilds, .needs_base = true},     {inspect_schedule, .needs_base = false},
    {inspect_registration, .needs_base = true},
};

void inspect_add_command(const struct diagnosis_request *request, const char *command, struct finding *finding)
{
    struct buffer line = {0};
    shellword_add(request->call->program, &line);
    buffer_add_text(&line, " -c ");
    shellword_add(request->call->configuration, &line);
    buffer_add_text(&line, " -r ");
    shellword_add(request->conf->mail_root, &line);
    if (line.failed)
        finding->copies.lost++;
    else
        messages_add(&finding->copies, "%.*s %s", (int)line.length, line.bytes, command);
    buffer_clear(&line);
}

int diagnosis_make(const struct diagnosis_request *request, struct findings *findings, struct error *error)
{
    bool has_base = true;
    for (size_t i = 0; i < sizeof inspections / sizeof *inspections; i++) {
        size_t before = findings->count;
        if (inspections[i].needs_base && !has_base)
            continue;
        inspections[i].inspect(request, findings);
        if (inspections[i].is_base)
            has_base = findings->count == before;
    }
    return findings_whole(findings) ? 1 : error_memory(error, "check");
}
