/* SPDX-License-Identifier: MIT */
/*
 * allow and block as edits of spammers.tab and of the whitelist file, without any file: who is refused, and who isn't.
 */
#include "support.h"

#include "allow.h"
#include "block.h"
#include "whitelistfile.h"

#define HOST(address)    "\"" address "\"\t\"255.255.255.255\"\t\"code=1\"\n"
#define FOREVER(address) "\"" address "\"\t\"255.255.255.255\"\t\"code=1,permanent=1\"\n"
#define NOTE             "# taken out of spammers.tab by allow 192.0.2.1: "

static const char permanent_default[] = "(?:^|[\",\\t])permanent=1(?:$|[\",\\t])";

static struct buffer buffer_of(const char *text)
{
    struct buffer buffer = {0};
    buffer_add_text(&buffer, text);
    assert_false(buffer.failed);
    return buffer;
}

static void assert_text(const struct buffer *found, const char *text)
{
    assert_false(found->failed);
    if (found->length != strlen(text) || (found->length > 0 && memcmp(found->bytes, text, found->length) != 0))
        fail_msg("\"%.*s\" instead of \"%s\"", (int)found->length, found->bytes ? found->bytes : "", text);
}

enum deed { ALLOW, UNDO_ALLOW, BLOCK, UNDO_BLOCK };

/* Edits the content in place. Lines that were taken out are added to taken, or read from it. Returns the changes. */
static struct changes edit_content(enum deed deed, struct buffer *content, const struct network *network,
                                   const char *comment, const struct whitelist *white, struct buffer *taken)
{
    struct pattern *permanent = pattern_of(permanent_default);
    struct spamtab tab;
    struct listedit edit;
    struct buffer made = {0};
    struct error error;
    int result = spamtab_parse(content, permanent, &tab, &error);
    assert_int_equal(result, 1);
    assert_int_equal(listedit_begin(&edit, &tab, &error), 1);
    if (deed == ALLOW)
        result = allow_edit(network, permanent, &edit, taken, &error);
    else if (deed == UNDO_ALLOW)
        result = allow_undo(network, permanent, white, taken, &edit, &error);
    else if (deed == BLOCK)
        result = block_edit(network, comment, &edit, &error);
    else
        result = block_undo(network, &edit, &error);
    assert_int_equal(result, 1);
    assert_int_equal(listedit_render(&edit, &made, &error), 1);
    const struct changes changes = edit.changes;
    edit.changes = (struct changes){0};
    listedit_clear(&edit);
    spamtab_clear(&tab);
    pattern_free(permanent);
    buffer_clear(content);
    *content = made;
    return changes;
}

static struct whitelist sealed(const char *entry)
{
    struct whitelist white = {0};
    struct error error;
    if (entry)
        assert_int_equal(whitelist_add(&white, entry, strlen(entry), &error), 1);
    assert_int_equal(whitelist_seal(&white, &error), 1);
    return white;
}

/* --- allow -------------------------------------------------------------------------------------------------------- */

struct list_case {
    const char *network;
    const char *before;
    const char *after;
    const char *undone; /* NULL: as before */
    enum change_kind kind;
};

static void what_is_let_in_is_taken_out_and_put_back(void **state)
{
    static const struct list_case cases[] = {
        {"192.0.2.1", "# a\n" HOST("192.0.2.1"), "# a\n", NULL, CHANGE_TAKEN_OUT},
        {"192.0.2.1", FOREVER("192.0.2.1"), "", NULL, CHANGE_TAKEN_OUT},
        {"192.0.2.1", HOST("192.0.2.1") HOST("192.0.2.2"), HOST("192.0.2.2"), HOST("192.0.2.2") HOST("192.0.2.1"),
         CHANGE_TAKEN_OUT},
        {"192.0.2.0/24", HOST("192.0.2.1") "x\n" HOST("192.0.3.1"), "x\n" HOST("192.0.3.1"),
         "x\n" HOST("192.0.3.1") HOST("192.0.2.1"), CHANGE_TAKEN_OUT},
        /* Lenient ones hold hosts up, too. */
        {"192.0.2.1", "\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=-5\"\n", "", NULL, CHANGE_TAKEN_OUT},
        {"192.0.2.1", "\"192.0.2.1/32\"\t\"code=0\"\n", "", NULL, CHANGE_TAKEN_OUT},
        /* Wider ones; what stands behind the netmask stays. */
        {"192.0.2.1", "\"192.0.2.0\"\t\"255.255.255.254\"\t\"permanent=1,code=2\"\tx\n# b\n",
         "\"192.0.2.0\"\t\"255.255.255.255\"\t\"permanent=1,code=2\"\tx\n# b\n", NULL, CHANGE_SPLIT},
        {"192.0.2.2", "\"192.0.2.2/30\"\r\n",
         "\"192.0.2.0\"\t\"255.255.255.254\"\r\n\"192.0.2.3\"\t\"255.255.255.255\"\r\n", NULL, CHANGE_SPLIT},
        {"2001:db8::1", "\"2001:db8::/127\"\t\"code=1\"\n", "\"2001:db8::/128\"\t\"code=1\"\n", NULL, CHANGE_SPLIT},
        /* A CR is half a line end to others, and none of what is noted. */
        {"192.0.2.1", "# a\n\"192.0.2.1/32\"\r\r\n", "# a\n", "# a\n\"192.0.2.1/32\"\n", CHANGE_TAKEN_OUT},
        /* What can't be split. */
        {"192.0.2.1", "\"192.0.2.1\"\t\"255.0.255.255\"\t\"code=1\"\n",
         "\"192.0.2.1\"\t\"255.0.255.255\"\t\"code=1\"\n", NULL, CHANGE_NOT_SPLIT},
        {"192.0.2.1", "\"::/64\"\t\"code=1\"\n", "\"::/64\"\t\"code=1\"\n", NULL, CHANGE_NOT_SPLIT},
        {"192.0.2.1", "\"::/96\"\t\"code=1\"\n", "\"::/96\"\t\"code=1\"\n", NULL, CHANGE_NOT_SPLIT},
        {"2001:db8::1", "\"::/0\"\t\"code=1\"\n", "\"::/0\"\t\"code=1\"\n", NULL, CHANGE_NOT_SPLIT},
        {"2001:db8::1", "\"2001:db8::/127\"\t\"1\"\t\"5,code=0\"\n", "\"2001:db8::/127\"\t\"1\"\t\"5,code=0\"\n", NULL,
         CHANGE_NOT_SPLIT},
    };
    const struct whitelist nothing = sealed(NULL);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct network network = network_of(cases[i].network);
        struct buffer content = buffer_of(cases[i].before);
        struct buffer taken = {0};
        struct changes changes = edit_content(ALLOW, &content, &network, NULL, NULL, &taken);
        assert_text(&content, cases[i].after);
        assert_int_equal(changes_count(&changes, cases[i].kind), 1);
        changes_clear(&changes);
        changes = edit_content(UNDO_ALLOW, &content, &network, NULL, &nothing, &taken);
        assert_text(&content, cases[i].undone ? cases[i].undone : cases[i].before);
        changes_clear(&changes);
        buffer_clear(&content);
        buffer_clear(&taken);
    }
}

/* What is taken out, what the list is by the time of the undo, and what it becomes. */
static void only_what_is_missing_is_put_back(void **state)
{
    static const struct {
        const char *network;
        const char *taken;
        const char *white; /* or NULL */
        const char *before;
        const char *after;
        enum change_kind kind;
    } cases[] = {
        {"192.0.2.1", HOST("192.0.2.1"), NULL, HOST("192.0.2.1"), HOST("192.0.2.1"), CHANGE_COVERED},
        {"192.0.2.1", HOST("192.0.2.1"), NULL, "\"192.0.2.0/24\"\n", "\"192.0.2.0/24\"\n", CHANGE_COVERED},
        {"192.0.2.1", FOREVER("192.0.2.1"), NULL, HOST("192.0.2.1"), HOST("192.0.2.1") FOREVER("192.0.2.1"),
         CHANGE_PUT_BACK},
        {"192.0.2.1", HOST("192.0.2.1"), NULL, "\"192.0.2.0/24\"\t\"code=0\"\n",
         "\"192.0.2.0/24\"\t\"code=0\"\n" HOST("192.0.2.1"), CHANGE_PUT_BACK},
        {"192.0.2.1", HOST("192.0.2.1"), "192.0.2.0/24", "", "", CHANGE_STILL_WHITE},
        {"192.0.2.1", "\"192.0.2.0/30\"\n", "192.0.2.0/24", "\"192.0.2.0\"\t\"255.255.255.255\"\n",
         "\"192.0.2.0\"\t\"255.255.255.255\"\n", CHANGE_STILL_WHITE},
        /* A part has gone: the rest must not come back. */
        {"192.0.2.1", "\"192.0.2.0/30\"\t\"code=3\"\n", NULL, "\"192.0.2.0\"\t\"255.255.255.255\"\t\"code=3\"\n",
         "\"192.0.2.0\"\t\"255.255.255.255\"\t\"code=3\"\n\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=3\"\n",
         CHANGE_PUT_BACK},
        /* It was never split: the command was killed before. */
        {"192.0.2.1", "\"192.0.2.0/30\"\n", NULL, "\"192.0.2.0/30\"\n", "\"192.0.2.0/30\"\n", CHANGE_COVERED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct network network = network_of(cases[i].network);
        struct whitelist white = sealed(cases[i].white);
        struct buffer content = buffer_of(cases[i].before);
        struct buffer taken = buffer_of(cases[i].taken);
        struct changes changes = edit_content(UNDO_ALLOW, &content, &network, NULL, &white, &taken);
        assert_text(&content, cases[i].after);
        assert_int_equal(changes.count, 1);
        assert_int_equal(changes.items[0].kind, cases[i].kind);
        changes_clear(&changes);
        whitelist_clear(&white);
        buffer_clear(&content);
        buffer_clear(&taken);
    }
}

static void notes_that_are_no_entries_of_the_network_are_left_out(void **state)
{
    const struct network network = network_of("192.0.2.1");
    const struct whitelist nothing = sealed(NULL);
    struct buffer content = {0};
    struct buffer taken = {0};
    (void)state;
    buffer_add_text(&taken, "# x\n\n" HOST("192.0.2.2") "host.example\n\"192.0.2.1\"\n");
    for (int i = 0; i < 600; i++)
        buffer_add_text(&taken, "x");
    buffer_add_text(&taken, "\n");
    struct changes changes = edit_content(UNDO_ALLOW, &content, &network, NULL, &nothing, &taken);
    assert_int_equal(content.length, 0);
    assert_int_equal(changes.count, 0);
    buffer_clear(&content);
    buffer_clear(&taken);
}

/* --- block -------------------------------------------------------------------------------------------------------- */

static void what_is_blocked_has_a_permanent_entry_that_is_first(void **state)
{
    static const struct list_case cases[] = {
        {"192.0.2.1", "", "# block 192.0.2.1: why\n" FOREVER("192.0.2.1"), NULL, CHANGE_BLOCKED},
        {"192.0.2.1", "# a", "# a\n# block 192.0.2.1: why\n" FOREVER("192.0.2.1"), "# a\n", CHANGE_BLOCKED},
        {"192.0.2.1", "# a\r\n",
         "# a\r\n# block 192.0.2.1: why\r\n\"192.0.2.1\"\t\"255.255.255.255\"\t\"code=1,permanent=1\"\r\n", NULL,
         CHANGE_BLOCKED},
        {"192.0.2.0/24", "# a\n",
         "# a\n# block 192.0.2.0/24: why\n\"192.0.2.0\"\t\"255.255.255.0\"\t\"code=1,permanent=1\"\n", NULL,
         CHANGE_BLOCKED},
        {"2001:db8::/32", "# a\n", "# a\n# block 2001:db8::/32: why\n\"2001:db8::/32\"\t\"code=1,permanent=1\"\n", NULL,
         CHANGE_BLOCKED},
        {"192.0.2.1", "# block it\n" FOREVER("192.0.2.0/24"), "# block it\n" FOREVER("192.0.2.0/24"), NULL,
         CHANGE_BLOCKED_ALREADY},
        {"192.0.2.1", "\"192.0.2.0/24\"\n", "\"192.0.2.0/24\"\n# block 192.0.2.1: why\n" FOREVER("192.0.2.1"), NULL,
         CHANGE_BLOCKED},
        {"192.0.2.1", "# a\n\"192.0.2.1/32\"\tcode=4\tx\n# b\n",
         "# a\n# block 192.0.2.1, was: \"192.0.2.1/32\"\tcode=4\tx\n# block 192.0.2.1: why\n" FOREVER(
             "192.0.2.1") "# b\n",
         NULL, CHANGE_MADE_PERMANENT},
        /* XMail takes the first match. */
        {"192.0.2.0/24", "# a\n\"192.0.2.9/32\"\t\"code=0\"\n",
         "# a\n# block 192.0.2.0/24: why\n\"192.0.2.0\"\t\"255.255.255.0\"\t\"code=1,permanent=1\"\n\"192.0.2.9/32\"\t"
         "\"code=0\"\n",
         NULL, CHANGE_BLOCKED},
        {"192.0.2.1", "\"192.0.2.0/24\"\t\"code=-1\"\n" HOST("192.0.2.1"),
         "# block 192.0.2.1: why\n" FOREVER("192.0.2.1") "\"192.0.2.0/24\"\t\"code=-1\"\n" HOST("192.0.2.1"), NULL,
         CHANGE_BLOCKED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct network network = network_of(cases[i].network);
        struct buffer content = buffer_of(cases[i].before);
        struct changes changes = edit_content(BLOCK, &content, &network, "why", NULL, NULL);
        assert_text(&content, cases[i].after);
        assert_int_equal(changes.count, 1);
        assert_int_equal(changes.items[0].kind, cases[i].kind);
        changes_clear(&changes);
        changes = edit_content(UNDO_BLOCK, &content, &network, NULL, NULL, NULL);
        assert_text(&content, cases[i].undone ? cases[i].undone : cases[i].before);
        changes_clear(&changes);
        buffer_clear(&content);
    }
}

/* XMail would take a note of more than 508 bytes for several lines, the last of which might be an entry. */
static void an_entry_too_long_to_be_noted_stays_beside_ours(void **state)
{
    static const char lead[] = "# block 192.0.2.1, was: ";
    const struct network network = network_of("192.0.2.1");
    (void)state;
    for (size_t length = 508; length <= 509; length++) { /* of the note */
        struct buffer before = buffer_of("\"192.0.2.1/32\"\t");
        struct buffer after = {0};
        struct buffer content = {0};
        while (before.length < length - strlen(lead))
            buffer_add_text(&before, "x");
        buffer_add_text(&before, "\n");
        buffer_add_format(&after, "%s%.*s" FOREVER("192.0.2.1"), length > 508 ? "" : lead, (int)before.length,
                          before.bytes);
        buffer_add(&content, before.bytes, before.length);
        buffer_add(&after, "", 1);
        struct changes changes = edit_content(BLOCK, &content, &network, NULL, NULL, NULL);
        assert_text(&content, after.bytes);
        assert_int_equal(changes.count, 1);
        assert_int_equal(changes.items[0].kind, length > 508 ? CHANGE_BLOCKED : CHANGE_MADE_PERMANENT);
        changes_clear(&changes);
        changes = edit_content(UNDO_BLOCK, &content, &network, NULL, NULL, NULL);
        assert_true(buffer_equal(&content, &before));
        changes_clear(&changes);
        buffer_clear(&before);
        buffer_clear(&after);
        buffer_clear(&content);
    }
}

static void an_entry_that_can_not_be_written_is_refused(void **state)
{
    const struct network network = network_of("192.0.2.1");
    struct pattern *permanent = pattern_of(permanent_default);
    struct pattern *other = pattern_of("forever");
    struct error error;
    char comment[600];
    (void)state;
    assert_int_equal(block_check(&network, NULL, permanent, &error), 1);
    assert_int_equal(block_check(&network, NULL, other, &error), -1);
    assert_non_null(strstr(error.text, "permanent_pattern, which is forever"));
    const size_t room = 508 - strlen("# block 192.0.2.1: ");
    memset(comment, 'x', sizeof comment);
    comment[room] = '\0';
    assert_int_equal(block_check(&network, comment, permanent, &error), 1);
    comment[room] = 'x';
    comment[room + 1] = '\0';
    assert_int_equal(block_check(&network, comment, permanent, &error), -1);
    assert_non_null(strstr(error.text, "comment is too long"));
    pattern_free(permanent);
    pattern_free(other);
}

/* --- both, by chance ---------------------------------------------------------------------------------------------- */

/* How XMail treats the host: the code of the first entry that has it; no code is like INT32_MIN. */
static int code_of(const struct buffer *content, struct address host)
{
    struct spamtab tab;
    struct error error;
    int code = INT32_MIN;
    assert_int_equal(spamtab_parse(content, NULL, &tab, &error), 1);
    for (size_t i = 0; i < tab.count && code == INT32_MIN; i++)
        if (tab.lines[i].is_entry && network_contains(&tab.lines[i].network, host))
            code = tab.lines[i].code;
    spamtab_clear(&tab);
    return code;
}

/* Networks of 32 hosts, so that they meet. */
static struct network random_network(uint64_t *seed)
{
    char text[NETWORK_TEXT_SIZE];
    const bool ipv4 = random_below(seed, 3) > 0;
    const unsigned host = (unsigned)random_below(seed, 32);
    const unsigned bits = 27 + (unsigned)random_below(seed, 6);
    (void)snprintf(text, sizeof text, ipv4 ? "192.0.2.%u/%u" : "2001:db8::%x/%u", host, ipv4 ? bits : bits + 96);
    return network_of(text);
}

static struct buffer random_list(uint64_t *seed)
{
    static const char *const rests[] = {
        "", "\t\"code=1\"", "\t\"code=1,permanent=1\"", "\t\"code=0\"", "\tcode=-7", "\t\"permanent=1,code=0\"\tx"};
    struct buffer content = {0};
    const char *const end = random_below(seed, 2) ? "\n" : "\r\n";
    for (size_t lines = random_below(seed, 6); lines > 0; lines--) {
        const struct network network = random_network(seed);
        if (random_below(seed, 5) == 0)
            buffer_add_format(&content, "# %s%s", random_below(seed, 2) ? "block it" : "", end);
        for (size_t i = random_below(seed, 12) == 0 ? 510 : 0; i > 0; i--) /* XMail takes what follows for a line */
            buffer_add_text(&content, "#");
        spamtab_format_network(&network, &content);
        buffer_add_text(&content, rests[random_below(seed, COUNT_OF(rests))]);
        if (lines > 1 || random_below(seed, 8) > 0)
            buffer_add_text(&content, end);
    }
    return content;
}

static void check_codes(const struct buffer *before, const struct buffer *after, const struct network *network,
                        bool blocked, uint64_t number)
{
    for (unsigned i = 0; i < 64; i++) {
        char text[ADDRESS_TEXT_SIZE];
        (void)snprintf(text, sizeof text, i < 32 ? "192.0.2.%u" : "2001:db8::%x", i % 32);
        const struct address host = host_of(text);
        const int code = code_of(after, host);
        const bool right = !network_contains(network, host) ? code == code_of(before, host)
                           : blocked                        ? code > 0
                                                            : code == INT32_MIN;
        if (!right)
            fail_msg("round %llu: %s has code %d in \"%.*s\", which was \"%.*s\"", (unsigned long long)number, text,
                     code, (int)after->length, after->bytes, (int)before->length, before->bytes);
    }
}

static bool same_codes(const struct buffer *a, const struct buffer *b)
{
    for (unsigned i = 0; i < 64; i++) {
        char text[ADDRESS_TEXT_SIZE];
        (void)snprintf(text, sizeof text, i < 32 ? "192.0.2.%u" : "2001:db8::%x", i % 32);
        if ((code_of(a, host_of(text)) > 0) != (code_of(b, host_of(text)) > 0))
            return false;
    }
    return true;
}

/* An undo gives the bytes back, but for a line end that was missing at the end. */
static void assert_undone(const struct buffer *before, const struct buffer *after, uint64_t number)
{
    const bool begins = after->length >= before->length &&
                        (before->length == 0 || memcmp(before->bytes, after->bytes, before->length) == 0);
    if (!begins || after->length - before->length > 2 ||
        (after->length > before->length && before->bytes[before->length - 1] == '\n'))
        fail_msg("round %llu: \"%.*s\" became \"%.*s\"", (unsigned long long)number, (int)before->length,
                 before->bytes ? before->bytes : "", (int)after->length, after->bytes ? after->bytes : "");
}

/* Lenient entries may come back behind others: then the order has changed. */
static bool has_lenient(const struct buffer *content)
{
    for (size_t i = 0; i + 6 <= content->length; i++)
        if (memcmp(content->bytes + i, "code=0", 6) == 0 || memcmp(content->bytes + i, "code=-", 6) == 0)
            return true;
    return false;
}

static void by_chance_only_the_network_is_judged_otherwise(void **state)
{
    uint64_t seed = 1;
    const struct whitelist nothing = sealed(NULL);
    (void)state;
    for (uint64_t i = 0; i < 3000; i++) {
        const struct network network = random_network(&seed);
        struct buffer before = random_list(&seed);
        struct buffer content = {0};
        struct buffer taken = {0};
        buffer_add(&content, before.bytes, before.length);
        struct changes changes = edit_content(ALLOW, &content, &network, NULL, NULL, &taken);
        check_codes(&before, &content, &network, false, i);
        changes_clear(&changes);
        changes = edit_content(UNDO_ALLOW, &content, &network, NULL, &nothing, &taken);
        if (!has_lenient(&before) && !same_codes(&before, &content))
            fail_msg("round %llu: \"%.*s\" became \"%.*s\"", (unsigned long long)i, (int)before.length, before.bytes,
                     (int)content.length, content.bytes);
        changes_clear(&changes);
        content.length = 0;
        buffer_add(&content, before.bytes, before.length);
        changes = edit_content(BLOCK, &content, &network, random_below(&seed, 2) ? "a comment" : NULL, NULL, NULL);
        check_codes(&before, &content, &network, true, i);
        const bool blocked = changes_count(&changes, CHANGE_BLOCKED_ALREADY) == 0;
        changes_clear(&changes);
        if (blocked) {
            changes = edit_content(UNDO_BLOCK, &content, &network, NULL, NULL, NULL);
            changes_clear(&changes);
            assert_undone(&before, &content, i);
        }
        buffer_clear(&before);
        buffer_clear(&content);
        buffer_clear(&taken);
    }
}

/* --- the whitelist file ------------------------------------------------------------------------------------------- */

static void a_line_is_added_and_taken_out_and_no_other_byte_changes(void **state)
{
    static const struct {
        const char *before;
        const char *network;
        const char *comment;
        const char *notes;
        const char *after;
        unsigned long number;
        const char *undone; /* NULL: as before */
    } cases[] = {
        {"", "192.0.2.1", NULL, "", "192.0.2.1\n", 1, NULL},
        {"", "192.0.2.1", "the office", "a\nb\na\n", NOTE "a\n" NOTE "b\n192.0.2.1 the office\n", 3, NULL},
        {"", "192.0.2.0/24", NULL, "a\n", "# taken out of spammers.tab by allow 192.0.2.0/24: a\n192.0.2.0/24\n", 2,
         NULL},
        /* Notes of a line that has gone, which was another's. */
        {"# taken out of spammers.tab by allow 192.0.2.2: b\n", "192.0.2.1", NULL, "a\n",
         "# taken out of spammers.tab by allow 192.0.2.2: b\n" NOTE "a\n192.0.2.1\n", 3, NULL},
        {"# mine\r\n\r\n::1", "192.0.2.1", "x", "a\n", "# mine\r\n\r\n::1\r\n" NOTE "a\r\n192.0.2.1 x\r\n", 5,
         "# mine\r\n\r\n::1\r\n"},
        {"192.0.2.2", "192.0.2.1", NULL, "", "192.0.2.2\n192.0.2.1\n", 2, "192.0.2.2\n"},
        {"\xef\xbb\xbf"
         "192.0.2.1 x\n::1\n",
         "192.0.2.1", NULL, "a\n", "\xef\xbb\xbf" NOTE "a\n192.0.2.1 x\n::1\n", 2, "\xef\xbb\xbf::1\n"},
        {NOTE "a\n192.0.2.1/32\n::1\n", "192.0.2.1", NULL, "a\nb\n", NOTE "a\n" NOTE "b\n192.0.2.1/32\n::1\n", 3,
         "::1\n"},
        /* Notes of another line, or of none. */
        {NOTE "a\n192.0.2.2\n" NOTE "b\n\n", "192.0.2.1", NULL, "a\n",
         NOTE "a\n192.0.2.2\n" NOTE "b\n\n" NOTE "a\n192.0.2.1\n", 6, NULL},
        {"rubbish\n192.0.2.1.1\n", "192.0.2.1", NULL, "", "rubbish\n192.0.2.1.1\n192.0.2.1\n", 3, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct network network = network_of(cases[i].network);
        struct buffer before = buffer_of(cases[i].before);
        struct buffer notes = buffer_of(cases[i].notes);
        struct buffer after = {0};
        struct buffer undone = {0};
        struct buffer again = {0};
        assert_int_equal(whitelistfile_add(&before, &network, cases[i].comment, &notes, &after), cases[i].number);
        assert_text(&after, cases[i].after);
        assert_int_equal(whitelistfile_add(&after, &network, cases[i].comment, &notes, &again), cases[i].number);
        assert_text(&again, cases[i].after);
        again.length = 0;
        whitelistfile_remove(&after, &network, &undone, &again);
        assert_text(&undone, cases[i].undone ? cases[i].undone : cases[i].before);
        buffer_clear(&before);
        buffer_clear(&notes);
        buffer_clear(&after);
        buffer_clear(&undone);
        buffer_clear(&again);
    }
}

static void the_lines_that_concern_a_network_are_found(void **state)
{
    const struct network network = network_of("192.0.2.0/24");
    struct buffer content = buffer_of("::/0\n192.0.2.7 x\nx\n192.0.0.0/16\n192.0.2.0/255.255.255.0\n");
    struct whitelistfile_found found;
    (void)state;
    whitelistfile_find(&content, &network, &found);
    assert_int_equal(found.touching.number, 2);
    assert_int_equal(found.covering.number, 4);
    assert_int_equal(found.same.number, 5);
    buffer_clear(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_let_in_is_taken_out_and_put_back),
        cmocka_unit_test(only_what_is_missing_is_put_back),
        cmocka_unit_test(notes_that_are_no_entries_of_the_network_are_left_out),
        cmocka_unit_test(what_is_blocked_has_a_permanent_entry_that_is_first),
        cmocka_unit_test(an_entry_too_long_to_be_noted_stays_beside_ours),
        cmocka_unit_test(an_entry_that_can_not_be_written_is_refused),
        cmocka_unit_test(by_chance_only_the_network_is_judged_otherwise),
        cmocka_unit_test(a_line_is_added_and_taken_out_and_no_other_byte_changes),
        cmocka_unit_test(the_lines_that_concern_a_network_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
