/* SPDX-License-Identifier: MIT */
/*
 * The decision against the plain second implementation, on random lists, hosts, whitelists and settings. Compared are
 * each line as XMail sees it and what becomes of it, each addition, each host that is skipped and why, and the new
 * list, byte for byte. One case in REBUILD_EVERY is also lived through as a whole rebuild in a MailRoot.
 *
 *     decisions FIRST COUNT DIRECTORY     the seeds FIRST to FIRST + COUNT - 1; files are made in the directory
 *
 * From COVERAGE_SEEDS seeds on, the run also fails if something that can come of a decision never did.
 */
#include "lived.h"
#include "make_lists.h"
#include "seeds.h"

#include "decision.h"
#include "spamtab.h"
#include "whitelist.h"

#include <inttypes.h>
#include <unistd.h>

enum { COVERAGE_SEEDS = 2000, PATH_SIZE = 4096, REBUILD_EVERY = 10, DAY = 20261120 };

/* What was met: what can be of lines, additions, hosts and lists. */
enum met {
    MET_FATES, /* of enum plain_fate */
    MET_SKIPS = MET_FATES + PLAIN_FATES,
    MET_ADDED = MET_SKIPS + PLAIN_SKIP_REASONS,
    MET_ADDED_IPV6,
    MET_ADDED_NETWORK,
    MET_NETWORK_PARTED,
    MET_SHADOWED,
    MET_RENEWED,
    MET_LENIENT,
    MET_LINE_IN_PARTS,
    MET_CRLF,
    MET_LAST_WITHOUT_END,
    MET_NO_LIST,
    MET_EMPTY_RESULT,
    MET_NO_CHANGE,
    MET_BAD_NETWORK,
    MET_BAD_FILE_LINE,
    MET_WHITELISTED_LINE,
    MET_COUNT
};

static const char *const met_names[MET_COUNT] = {
    [MET_FATES + PLAIN_NOT_AN_ENTRY] = "lines: no entry",
    [MET_FATES + PLAIN_PERMANENT] = "lines: permanent",
    [MET_FATES + PLAIN_ACTIVE] = "lines: active",
    [MET_FATES + PLAIN_APPENDED] = "lines: kept, as nothing is removed",
    [MET_FATES + PLAIN_RENEWED] = "lines: renewed",
    [MET_FATES + PLAIN_QUIET] = "lines: quiet",
    [MET_FATES + PLAIN_WHITELISTED] = "lines: quiet, as white-listed",
    [MET_FATES + PLAIN_REPLACED] = "lines: replaced",
    [MET_SKIPS + PLAIN_SKIPPED_WHITELISTED] = "hosts: white-listed",
    [MET_SKIPS + PLAIN_SKIPPED_EXEMPT] = "hosts: exempt",
    [MET_SKIPS + PLAIN_SKIPPED_COVERED] = "hosts: covered",
    [MET_ADDED] = "added",
    [MET_ADDED_IPV6] = "added: IPv6",
    [MET_ADDED_NETWORK] = "added: networks",
    [MET_NETWORK_PARTED] = "networks judged host by host",
    [MET_SHADOWED] = "added: shadowed",
    [MET_RENEWED] = "added: renewed",
    [MET_LENIENT] = "lines: entries that don't reject",
    [MET_LINE_IN_PARTS] = "lines: the rest of a long one",
    [MET_CRLF] = "lists: CRLF",
    [MET_LAST_WITHOUT_END] = "lists: no line end at the end",
    [MET_NO_LIST] = "lists: none",
    [MET_EMPTY_RESULT] = "lists: empty afterwards",
    [MET_NO_CHANGE] = "lists: as they should be",
    [MET_BAD_NETWORK] = "whitelist: no network",
    [MET_BAD_FILE_LINE] = "whitelist file: no network",
    [MET_WHITELISTED_LINE] = "lines: white-listed",
};

static uint64_t met[MET_COUNT];
static uint64_t lines_compared;
static uint64_t hosts_compared;

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    (void)fprintf(stderr, "decisions: %s\n", what);
    exit(2);
}

/* --- what is said ------------------------------------------------------------------------------------------------- */

static void show_set(const struct plain_set *set)
{
    for (int i = 0; i < 16; i += 2)
        printf("%s%x", i ? ":" : "", set->address.bytes[i] << 8 | set->address.bytes[i + 1]);
    printf(" mask ");
    for (int i = 0; i < 16; i += 2)
        printf("%s%x", i ? ":" : "", set->mask.bytes[i] << 8 | set->mask.bytes[i + 1]);
}

static void show_bytes(const char *name, const char *list, size_t length)
{
    printf("    %s: ", name);
    bytes_show(list, length);
    printf("\n");
}

static void show_case(uint64_t seed, const char *what, const struct list_case *made)
{
    const struct plain_rules *rules = &made->rules;
    printf("MISMATCH seed %" PRIu64 ": %s\n", seed, what);
    printf("    %s%s, by %s, register %" PRIu64
           ", remove %d, exempt %d, ipv4_prefix %d, ipv6_prefix %d, permanent %s\n",
           rules->replace ? "replace" : "append", rules->register_hosts ? "" : ", remove only",
           rules->by_hits ? "hits" : "address", rules->register_count, rules->remove_count, rules->exempt_authenticated,
           rules->ipv4_prefix, rules->ipv6_prefix, rules->permanent->text);
    for (size_t i = 0; i < made->seen_count; i++) {
        const struct plain_set host = {made->seen[i].host, {{0}}};
        printf("    ");
        show_set(&host);
        printf(": %" PRIu64 " unauthorised, %" PRIu64 " refused%s\n", made->seen[i].unauthorized, made->seen[i].refused,
               made->seen[i].login ? ", login" : "");
    }
    for (size_t i = 0; i < made->own_count; i++)
        printf("    whitelist: %s\n", made->own[i]);
    if (made->has_file)
        show_bytes("whitelist file", made->file.list, made->file.length);
    if (made->has_ipprop)
        show_bytes("smtp.ipprop.tab", made->ipprop.list, made->ipprop.length);
    show_bytes(made->has_list ? "list" : "no list", made->list.list, made->list.length);
}

/* True if this one is to be told more of. */
static bool mismatch(uint64_t seed, const char *what, const struct list_case *made)
{
    if (!seeds_mismatch())
        return false;
    show_case(seed, what, made);
    return true;
}

/* --- the program's side ------------------------------------------------------------------------------------------- */

struct subject {
    struct decision_rules rules;
    struct pattern *permanent;
    struct evidence *evidence;
    struct whitelist whitelist;
    size_t bad_own;
    size_t bad_file;
    struct buffer list;
    struct spamtab tab;
    struct decision decision;
    struct buffer result;
};

static struct address address_from(struct plain_host host)
{
    struct address address = {0, 0};
    for (int i = 0; i < 8; i++) {
        address.high = address.high << 8 | host.bytes[i];
        address.low = address.low << 8 | host.bytes[8 + i];
    }
    return address;
}

static struct evidence *evidence_from(const struct list_case *made)
{
    struct evidence *evidence = evidence_new((struct day_range){DAY, DAY}, 1);
    require(evidence != NULL, "no memory");
    for (size_t i = 0; i < made->seen_count; i++) {
        const struct plain_seen *seen = &made->seen[i];
        const struct ledger_head head = {.day_count = 1};
        const struct ledger_day day = {.host_count = 1, .day = DAY};
        const struct ledger_host host = {
            .address = address_from(seen->host),
            .counts = {(uint32_t)seen->unauthorized, (uint32_t)seen->refused, seen->login}};
        if (seen->unauthorized + seen->refused + seen->login > 0)
            require(evidence_add(evidence, &(struct ledger){&head, &day, NULL, &host}, 0), "no memory");
    }
    require(evidence_seal(evidence), "no memory");
    return evidence;
}

static void whitelist_from(const struct list_case *made, const char *directory, struct subject *subject)
{
    char path[PATH_SIZE];
    struct error error;
    struct messages problems = {0};
    for (size_t i = 0; i < made->own_count; i++)
        subject->bad_own += whitelist_add(&subject->whitelist, made->own[i], strlen(made->own[i]), &error) != 1;
    (void)snprintf(path, sizeof path, "%s/whitelist", directory);
    if (made->has_file)
        require(lived_write(path, &made->file), "unable to write the whitelist file");
    else
        (void)unlink(path);
    whitelist_read(&subject->whitelist, path, 0, &problems);
    subject->bad_file = problems.count;
    messages_clear(&problems);
    (void)snprintf(path, sizeof path, "%s/smtp.ipprop.tab", directory);
    if (made->has_ipprop)
        require(lived_write(path, &made->ipprop), "unable to write smtp.ipprop.tab");
    else
        (void)unlink(path);
    require(whitelist_read_xmail(&subject->whitelist, path, &error) == 1, "unable to read smtp.ipprop.tab");
    require(whitelist_seal(&subject->whitelist, &error) == 1, "no memory");
}

static void subject_decide(const struct list_case *made, const char *directory, struct subject *subject)
{
    struct error error;
    const struct plain_rules *rules = &made->rules;
    *subject =
        (struct subject){.rules = {.replace = rules->replace,
                                   .register_hosts = rules->register_hosts,
                                   .order = rules->by_hits ? ORDER_HITS : ORDER_ADDRESS,
                                   .register_count = rules->register_count,
                                   .remove_count = rules->remove_count < 0 ? CONF_NO_REMOVE_COUNT : rules->remove_count,
                                   .exempt_authenticated = rules->exempt_authenticated,
                                   .ipv4_prefix = (unsigned)rules->ipv4_prefix,
                                   .ipv6_prefix = (unsigned)rules->ipv6_prefix,
                                   .list_skipped = true},
                         .evidence = evidence_from(made)};
    require(pattern_compile(rules->permanent->text, &subject->permanent, &error) == 1, "unable to compile a pattern");
    whitelist_from(made, directory, subject);
    buffer_add(&subject->list, made->list.list ? made->list.list : "", made->list.length);
    require(spamtab_parse(&subject->list, subject->permanent, &subject->tab, &error) == 1 &&
                decision_make(&subject->rules, subject->evidence, &subject->whitelist, &subject->tab,
                              &subject->decision, &error) == 1 &&
                decision_render(&subject->decision, &subject->tab, &subject->result, &error) == 1,
            "no memory");
}

static void subject_clear(struct subject *subject)
{
    decision_clear(&subject->decision);
    spamtab_clear(&subject->tab);
    buffer_clear(&subject->list);
    buffer_clear(&subject->result);
    evidence_free(subject->evidence);
    whitelist_clear(&subject->whitelist);
    pattern_free(subject->permanent);
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

static bool is_set(const struct network *network, const struct plain_set *set)
{
    const struct address address = address_from(set->address);
    const struct address mask = address_from(set->mask);
    return network->address.high == address.high && network->address.low == address.low &&
           network->mask.high == mask.high && network->mask.low == mask.low;
}

static const enum decision_reason reasons[PLAIN_FATES] = {
    [PLAIN_NOT_AN_ENTRY] = KEPT_NOT_AN_ENTRY,  [PLAIN_PERMANENT] = KEPT_PERMANENT,  [PLAIN_ACTIVE] = KEPT_ACTIVE,
    [PLAIN_APPENDED] = KEPT_APPENDED,          [PLAIN_RENEWED] = KEPT_RENEWED,      [PLAIN_QUIET] = REMOVED_QUIET,
    [PLAIN_WHITELISTED] = REMOVED_WHITELISTED, [PLAIN_REPLACED] = REMOVED_REPLACED,
};

/* What is different of the line; NULL: nothing. */
static const char *differs(const struct plain_line *should, const struct buffer *list, const struct spamtab_line *line,
                           const struct decision_line *decided)
{
    if (list->bytes + line->offset != should->text.bytes || line->length != should->text.length ||
        line->end != should->end || line->number != should->number)
        return "where the line stands";
    if (line->is_entry != should->is_entry)
        return "whether the line is an entry";
    if (should->is_entry && !is_set(&line->network, &should->set))
        return "the line's network";
    if (should->is_entry && line->code != should->code)
        return "the line's code";
    if (should->is_entry && line->permanent != should->permanent)
        return "whether the line is permanent";
    if (decided->reason != reasons[should->fate])
        return "the line's reason";
    if (decided->keep != (should->fate <= PLAIN_APPENDED))
        return "whether the line stays";
    if (should->is_entry && decided->accesses != should->accesses)
        return "the line's accesses";
    if (should->is_entry && decided->whitelisted != should->whitelisted)
        return "whether the line is white-listed";
    return NULL;
}

static void compare_lines(uint64_t seed, const struct list_case *made, const struct subject *subject,
                          const struct plain_decision *should)
{
    if (subject->tab.count != should->line_count) {
        if (mismatch(seed, "the number of lines", made))
            printf("    %zu instead of %zu\n", subject->tab.count, should->line_count);
        return;
    }
    for (size_t i = 0; i < should->line_count; i++) {
        const char *what =
            differs(&should->lines[i], &subject->list, &subject->tab.lines[i], &subject->decision.lines[i]);
        lines_compared++;
        if (!what)
            continue;
        if (mismatch(seed, what, made)) {
            show_bytes("this line", should->lines[i].text.bytes, should->lines[i].text.length);
            printf("    entry %d, code %d, reason %d, %" PRIu64 " accesses, white-listed %d; instead of entry %d, code "
                   "%d, reason %d, %" PRIu64 ", %d\n",
                   subject->tab.lines[i].is_entry, subject->tab.lines[i].code, subject->decision.lines[i].reason,
                   subject->decision.lines[i].accesses, subject->decision.lines[i].whitelisted,
                   should->lines[i].is_entry, should->lines[i].code, reasons[should->lines[i].fate],
                   should->lines[i].accesses, should->lines[i].whitelisted);
        }
        return;
    }
}

static void compare_additions(uint64_t seed, const struct list_case *made, const struct decision *decision,
                              const struct plain_decision *should)
{
    bool same = decision->addition_count == should->addition_count;
    for (size_t i = 0; same && i < should->addition_count; i++) {
        const struct decision_addition *a = &decision->additions[i];
        const struct plain_addition *b = &should->additions[i];
        hosts_compared++;
        same = is_set(&a->network, &b->set) && a->accesses == b->accesses && a->shadowed_by == b->shadowed_by &&
               a->renewed == b->renewed;
    }
    if (same || !mismatch(seed, "what is added", made))
        return;
    for (size_t i = 0; i < decision->addition_count; i++) {
        char text[NETWORK_TEXT_SIZE];
        printf("    program: %s %" PRIu64 ", shadowed by %lu%s\n",
               network_format(&decision->additions[i].network, text), decision->additions[i].accesses,
               decision->additions[i].shadowed_by, decision->additions[i].renewed ? ", renewed" : "");
    }
    for (size_t i = 0; i < should->addition_count; i++) {
        printf("    plain: ");
        show_set(&should->additions[i].set);
        printf(" %" PRIu64 ", shadowed by %lu%s\n", should->additions[i].accesses, should->additions[i].shadowed_by,
               should->additions[i].renewed ? ", renewed" : "");
    }
}

static void compare_skips(uint64_t seed, const struct list_case *made, const struct decision *decision,
                          const struct plain_decision *should)
{
    static const enum decision_skip_reason skip_reasons[PLAIN_SKIP_REASONS] = {
        [PLAIN_SKIPPED_WHITELISTED] = SKIPPED_WHITELISTED,
        [PLAIN_SKIPPED_EXEMPT] = SKIPPED_EXEMPT,
        [PLAIN_SKIPPED_COVERED] = SKIPPED_COVERED,
    };
    size_t skipped[PLAIN_SKIP_REASONS] = {0};
    bool same = decision->skip_count == should->skip_count;
    for (size_t i = 0; same && i < should->skip_count; i++) {
        const struct decision_skip *a = &decision->skips[i];
        const struct plain_skip *b = &should->skips[i];
        hosts_compared++;
        skipped[b->reason]++;
        same = is_set(&a->network, &b->set) && a->accesses == b->accesses && a->reason == skip_reasons[b->reason] &&
               (b->reason != PLAIN_SKIPPED_COVERED || a->covered_by == b->covered_by);
    }
    for (size_t i = 0; same && i < PLAIN_SKIP_REASONS; i++)
        same = decision->skipped[skip_reasons[i]] == skipped[i];
    if (same || !mismatch(seed, "who is skipped", made))
        return;
    for (size_t i = 0; i < decision->skip_count; i++) {
        char text[NETWORK_TEXT_SIZE];
        printf("    program: %s %" PRIu64 ", reason %d, line %lu\n", network_format(&decision->skips[i].network, text),
               decision->skips[i].accesses, decision->skips[i].reason, decision->skips[i].covered_by);
    }
    for (size_t i = 0; i < should->skip_count; i++) {
        printf("    plain: ");
        show_set(&should->skips[i].set);
        printf(" %" PRIu64 ", reason %d, line %lu\n", should->skips[i].accesses, should->skips[i].reason,
               should->skips[i].covered_by);
    }
}

static void compare_result(uint64_t seed, const struct list_case *made, const struct subject *subject,
                           const struct plain_decision *should)
{
    const struct decision *decision = &subject->decision;
    const struct bytes *result = &should->result;
    if ((decision->added != should->added || decision->removed != should->removed || decision->kept != should->kept) &&
        mismatch(seed, "the counts", made))
        printf("    %zu added, %zu removed, %zu kept instead of %zu, %zu, %zu\n", decision->added, decision->removed,
               decision->kept, should->added, should->removed, should->kept);
    if ((subject->result.length != result->length ||
         (result->length > 0 && memcmp(subject->result.bytes, result->list, result->length) != 0)) &&
        mismatch(seed, "the new list", made)) {
        show_bytes("program", subject->result.bytes, subject->result.length);
        show_bytes("plain  ", result->list, result->length);
    }
    bool keeps_all = should->addition_count == 0;
    for (size_t i = 0; i < should->line_count; i++)
        keeps_all = keeps_all && should->lines[i].fate <= PLAIN_APPENDED;
    if (decision->keeps_all != keeps_all)
        (void)mismatch(seed, "whether the list is as it should be", made);
}

/* --- a seed ------------------------------------------------------------------------------------------------------- */

static void note_lines(const struct list_case *made, const struct plain_decision *should)
{
    unsigned long number = 0;
    for (size_t i = 0; i < should->line_count; i++) {
        const struct plain_line *line = &should->lines[i];
        met[MET_FATES + line->fate]++;
        met[MET_LENIENT] += line->is_entry && line->code <= 0;
        met[MET_LINE_IN_PARTS] += line->number == number;
        met[MET_WHITELISTED_LINE] += line->whitelisted;
        number = line->number;
    }
    met[MET_CRLF] += should->line_count > 0 && should->lines[0].end == 2;
    met[MET_LAST_WITHOUT_END] += should->line_count > 0 && should->lines[should->line_count - 1].end == 0;
    met[MET_NO_LIST] += !made->has_list;
}

static void note(const struct list_case *made, const struct plain_decision *should, size_t bad_own, size_t bad_file)
{
    note_lines(made, should);
    for (size_t i = 0; i < should->skip_count; i++)
        met[MET_SKIPS + should->skips[i].reason]++;
    for (size_t i = 0; i < should->addition_count; i++) {
        const struct plain_addition *addition = &should->additions[i];
        met[MET_ADDED]++;
        met[MET_ADDED_IPV6] += !plain_is_ipv4(addition->set.address);
        met[MET_SHADOWED] += addition->shadowed_by != 0;
        met[MET_RENEWED] += addition->renewed;
    }
    met[MET_ADDED_NETWORK] += should->networks_written;
    met[MET_NETWORK_PARTED] += should->networks_parted;
    met[MET_EMPTY_RESULT] += should->result.length == 0 && made->list.length > 0;
    met[MET_NO_CHANGE] += should->result.length == made->list.length;
    met[MET_BAD_NETWORK] += bad_own;
    met[MET_BAD_FILE_LINE] += bad_file;
}

/* The plain decision. Returns what is bad in the whitelists. */
static void decide_plainly(struct list_case *made, const struct plain_text list, size_t *bad_own, size_t *bad_file,
                           struct plain_decision *decision)
{
    struct plain_whitelist whitelist = {.own_count = 0};
    *bad_own = 0;
    for (size_t i = 0; i < made->own_count; i++)
        *bad_own += !plain_whitelist_add(&whitelist, (struct plain_text){made->own[i], strlen(made->own[i])});
    *bad_file = plain_whitelist_add_file(&whitelist, (struct plain_text){made->file.list, made->file.length});
    plain_whitelist_add_ipprop(&whitelist, (struct plain_text){made->ipprop.list, made->ipprop.length});
    plain_decide(&made->rules, made->seen, made->seen_count, &whitelist, list, decision);
}

static void compare_decision(uint64_t seed, const char *directory)
{
    static struct plain_decision should;
    struct list_case made;
    struct subject subject;
    size_t bad_own;
    size_t bad_file;
    list_case_make(seed, false, &made);
    subject_decide(&made, directory, &subject);
    const struct plain_text list = {subject.list.bytes, subject.list.length};
    decide_plainly(&made, list, &bad_own, &bad_file, &should);
    if (subject.bad_own != bad_own || subject.bad_file != bad_file) {
        if (mismatch(seed, "what of the whitelists is bad", &made))
            printf("    %zu and %zu in the file instead of %zu and %zu\n", subject.bad_own, subject.bad_file, bad_own,
                   bad_file);
    } else {
        compare_lines(seed, &made, &subject, &should);
        compare_additions(seed, &made, &subject.decision, &should);
        compare_skips(seed, &made, &subject.decision, &should);
        compare_result(seed, &made, &subject, &should);
        note(&made, &should, bad_own, bad_file);
    }
    bytes_free(&should.result);
    subject_clear(&subject);
    list_case_free(&made);
}

static void compare_rebuild(uint64_t seed, const char *directory)
{
    static struct plain_decision should;
    struct list_case made;
    size_t bad_own;
    size_t bad_file;
    list_case_make(seed, true, &made);
    if (!made.rules.register_hosts && (made.rules.replace || made.rules.remove_count < 0))
        made.rules.register_hosts = true; /* the configuration would be refused */
    decide_plainly(&made, (struct plain_text){made.list.list, made.list.length}, &bad_own, &bad_file, &should);
    require(bad_own + bad_file == 0, "a whitelist isn't good");
    char what[LIVED_TEXT_SIZE];
    if (!lived_rebuild(seed, &made, &should, directory, what))
        (void)mismatch(seed, what, &made);
    bytes_free(&should.result);
    list_case_free(&made);
}

static size_t show_met(void)
{
    size_t missing = 0;
    for (size_t i = 0; i < MET_COUNT; i++) {
        printf("  %-36s %8" PRIu64 "\n", met_names[i], met[i]);
        missing += met[i] == 0;
    }
    return missing + lived_show();
}

static const char *directory;

static void compare_seed(uint64_t seed)
{
    compare_decision(seed, directory);
    if (seed % REBUILD_EVERY == 0)
        compare_rebuild(seed, directory);
}

static void show_compared(void)
{
    printf("%" PRIu64 " lines, %" PRIu64 " hosts", lines_compared, hosts_compared);
}

int main(int argc, char **argv)
{
    static const struct seeds seeds = {"decisions", COVERAGE_SEEDS, compare_seed, show_compared, show_met};
    if (argc != 4) {
        (void)fprintf(stderr, "usage: decisions FIRST COUNT DIRECTORY\n");
        return 2;
    }
    directory = argv[3];
    return seeds_run(&seeds, argv[1], argv[2]);
}
