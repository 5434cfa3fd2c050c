/* SPDX-License-Identifier: MIT */
#include "finding.h"

#include "array.h"

#include <stdlib.h>

struct finding *findings_add(struct findings *findings)
{
    struct finding **items = array_grow(findings->items, findings->count, sizeof *items);
    if (items)
        findings->items = items;
    struct finding *finding = items ? calloc(1, sizeof *finding) : NULL;
    if (!finding) {
        findings->failed = true;
        return &findings->spare;
    }
    return findings->items[findings->count++] = finding;
}

bool finding_tells_place(struct finding *finding)
{
    return finding->place_count++ < FINDING_PLACES_MAX;
}

size_t findings_problems(const struct findings *findings)
{
    size_t problems = 0;
    for (size_t i = 0; i < findings->count; i++)
        problems += !findings->items[i]->is_hint;
    return problems;
}

bool findings_whole(const struct findings *findings)
{
    bool whole = !findings->failed;
    for (size_t i = 0; i < findings->count && whole; i++) {
        const struct finding *finding = findings->items[i];
        whole =
            !finding->what.failed && !finding->remedy.failed && finding->places.lost == 0 && finding->copies.lost == 0;
    }
    return whole;
}

static void finding_clear(struct finding *finding)
{
    buffer_clear(&finding->what);
    buffer_clear(&finding->remedy);
    messages_clear(&finding->places);
    messages_clear(&finding->copies);
}

void findings_clear(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        finding_clear(findings->items[i]);
        free(findings->items[i]);
    }
    finding_clear(&findings->spare);
    free(findings->items);
    *findings = (struct findings){0};
}
