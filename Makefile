# SPDX-License-Identifier: MIT
# make         build/xmail-spammers            make demo    a rebuild from real logs, before your eyes
# make check   every test                      make lint    every linter
# make bench   how fast it all is              make fuzz    the fuzzers, FUZZ_SECONDS each (300)
# make torture filter and cache, at length     make clean   away with build/
# make coverage  which lines the tests run     make deb     the Debian package, in build/deb
# make install MAILROOT=/var/MailRoot [PREFIX=/usr/local] [DESTDIR=]           make uninstall MAILROOT=/var/MailRoot
# As root, each installs the Debian packages that it misses; otherwise it prints the command that does.

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:

BUILD := build
CC := gcc
CLANG := clang
PKGS := libconfig libpcre2-8
VERSION := 0.1.0

GOALS := $(or $(MAKECMDGOALS),all)

# The tools and libraries that the goals need, and where the libraries are: install/deps writes it down once, and make
# reads itself anew when it has.
NEED := $(sort $(if $(filter-out clean deps uninstall,$(GOALS)),build) $(filter check lint bench fuzz,$(GOALS)) \
  $(if $(filter check-% torture torture-% coverage,$(GOALS)),check) \
  $(if $(filter deb check check-deb,$(GOALS)),deb) \
  $(if $(filter bench-%,$(GOALS)),bench))
ifneq ($(NEED),)
include $(NEED:%=$(BUILD)/deps/%.mk)
endif
$(BUILD)/deps/%.mk: install/deps
	@mkdir -p $(@D)
	@install/deps $(sort build $*)
	@cflags=$$(pkg-config --cflags $(PKGS)) && libs=$$(pkg-config --libs $(PKGS)) && \
	  printf 'CFLAGS_LIBS := %s\nLIBS := %s\n' "$$cflags" "$$libs" >$@

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 -Wundef \
  -Wcast-qual -Wpointer-arith -Wwrite-strings -Wvla
CPPFLAGS_ALL := -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -D_FILE_OFFSET_BITS=64 -DXS_VERSION='"$(VERSION)"' -Ilib
# gcc 12 would put the counts of a host together in a vector: the scan would take half as long again.
CFLAGS_ALL := -std=c11 -fno-tree-slp-vectorize $(WARNINGS) $(CFLAGS_LIBS) -pthread
HARDENING := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
CFLAGS := -O2 -g
LDFLAGS_HARDENING := -pie -Wl,-z,relro,-z,now
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SANITIZE_THREADS := -O1 -g -fsanitize=thread
FUZZER := -O1 -g -fno-sanitize-recover=all -fsanitize=fuzzer
FUZZER_CHECKS := ,address,undefined

LIB_C := $(sort $(wildcard lib/*.c))
FILTER_C := $(sort $(wildcard filter/*.c))
# The front, which is all that an undue call runs, and the engine, which has the libraries.
FRONT_C := filter/front.c filter/descriptors.c filter/options.c filter/program.c
ENGINE_C := $(filter-out filter/front.c,$(FILTER_C))
UNIT_C := $(sort $(wildcard tests/unit/test_*.c))
FUZZ_C := $(sort $(wildcard tests/fuzz/fuzz_*.c))
ALL_C := $(LIB_C) $(FILTER_C) $(wildcard tests/*/*.c)
ALL_H := $(wildcard lib/*.h filter/*.h tests/*/*.h)
MAN_PAGES := $(wildcard filter/*.8 conf/*.5)
SHELL_FILES := install/deps install/files install/callers install/bash-completion/xmail-spammers install/deb \
  install/debian/xmail-spammers.prerm .ci/run $(wildcard tests/*.sh tests/*/*.sh tests/*/*.bash tests/*/*.bats)

.PHONY: all install uninstall demo check check-unit check-program check-reference check-faults check-cache \
  check-simulation check-threads torture format bench fuzz deps clean lint lint-format lint-shell lint-man \
  lint-warnings lint-analyzer lint-cppcheck lint-tidy

all: $(BUILD)/xmail-spammers

# Two builds of the same sources: as installed, and with the sanitizers for the tests.
$(BUILD)/release/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(CPPFLAGS_ALL) $(CPPFLAGS) $(CFLAGS_ALL) $(HARDENING) $(CFLAGS) $(WERROR) -MMD -MP -c -o $@ $<

$(BUILD)/sanitized/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(SANITIZE) $(WERROR) -MMD -MP -c -o $@ $<

$(BUILD)/release/libxmailspammers.a: $(LIB_C:%.c=$(BUILD)/release/%.o)
	@echo "  AR      $@"
	@$(AR) rcs $@ $^

$(BUILD)/sanitized/libxmailspammers.a: $(LIB_C:%.c=$(BUILD)/sanitized/%.o)
	@echo "  AR      $@"
	@$(AR) rcs $@ $^

# It needs no dynamic loader, which takes longer than what it does.
$(BUILD)/xmail-spammers: $(FRONT_C:%.c=$(BUILD)/release/%.o) $(BUILD)/release/libxmailspammers.a | $(BUILD)/xmail-spammers-engine
	@echo "  LD      $@"
	@$(CC) $(CFLAGS) -static $(LDFLAGS) -o $@ $^

$(BUILD)/xmail-spammers-engine: $(ENGINE_C:%.c=$(BUILD)/release/%.o) $(BUILD)/release/libxmailspammers.a
	@echo "  LD      $@"
	@$(CC) $(CFLAGS) $(LDFLAGS_HARDENING) $(LDFLAGS) -pthread -o $@ $^ $(LIBS)

# The sanitizers need the loader.
$(BUILD)/sanitized/xmail-spammers: $(FRONT_C:%.c=$(BUILD)/sanitized/%.o) $(BUILD)/sanitized/libxmailspammers.a | $(BUILD)/sanitized/xmail-spammers-engine
	@echo "  LD      $@"
	@$(CC) $(SANITIZE) -o $@ $^

$(BUILD)/sanitized/xmail-spammers-engine: $(ENGINE_C:%.c=$(BUILD)/sanitized/%.o) $(BUILD)/sanitized/libxmailspammers.a
	@echo "  LD      $@"
	@$(CC) $(SANITIZE) -pthread -o $@ $^ $(LIBS)

# --- installing -----------------------------------------------------------------------------------------------------

MAILROOT ?=
PREFIX ?= /usr/local
DESTDIR ?=
install uninstall: export MAILROOT := $(MAILROOT)
install uninstall: export PREFIX := $(PREFIX)
install uninstall: export DESTDIR := $(DESTDIR)
install uninstall: export BUILD := $(BUILD)

install: $(BUILD)/xmail-spammers
	@install/files install

uninstall:
	@install/files uninstall

# The Debian package, from the sources as they stand here.
.PHONY: deb
deb:
	@install/deb $(VERSION) $(BUILD)/deb

# --- demo -----------------------------------------------------------------------------------------------------------

demo: $(BUILD)/xmail-spammers
	@tests/demo.sh $(BUILD)/xmail-spammers $(BUILD)/demo

# --- tests ----------------------------------------------------------------------------------------------------------

UNIT_TESTS := $(UNIT_C:tests/unit/%.c=$(BUILD)/unit/%)

$(BUILD)/unit/%: $(BUILD)/sanitized/tests/unit/%.o $(BUILD)/sanitized/libxmailspammers.a
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@$(CC) $(SANITIZE) $(LDFLAGS_UNIT) -pthread -o $@ $^ $(LIBS) -lcmocka

# Here allocations fail: the library's calls of these come by the test.
$(BUILD)/unit/test_memory $(BUILD)/coverage/unit/test_memory: LDFLAGS_UNIT := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=strndup

$(BUILD)/unit/test_chronicle $(BUILD)/coverage/unit/test_chronicle: LDFLAGS_UNIT := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=sys_pread

# Preloaded into a program: the C library's calls fail or kill on demand; another clock, and coarser times of files; a
# record of the calls that change files.
$(BUILD)/faults.so: tests/faults/faults.c
$(BUILD)/times.so: tests/cache/times.c
$(BUILD)/record.so: tests/crash/record.c
$(BUILD)/%.so:
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -O1 -g -fPIC -shared -o $@ $^

# The front as it is but for the loader, without which nothing can be preloaded into it; the engine stands beside it.
$(BUILD)/faults/xmail-spammers: $(FRONT_C:%.c=$(BUILD)/release/%.o) $(BUILD)/release/libxmailspammers.a | $(BUILD)/xmail-spammers-engine
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@ln -sf ../xmail-spammers-engine $(@D)/xmail-spammers-engine
	@$(CC) $(CFLAGS) $(LDFLAGS_HARDENING) $(LDFLAGS) -o $@ $^

check: check-unit check-program check-faults check-reference check-differential check-cache check-simulation

check-unit: $(UNIT_TESTS)
	@tests/run-unit.sh $^

check-program: $(BUILD)/xmail-spammers $(BUILD)/sanitized/xmail-spammers $(BUILD)/times.so $(BUILD)/faults.so
	@XMAIL_SPAMMERS=$(abspath $(BUILD)/sanitized/xmail-spammers) \
	 XMAIL_SPAMMERS_RELEASE=$(abspath $(BUILD)/xmail-spammers) bats --print-output-on-failure tests/program

check-faults: $(BUILD)/faults/xmail-spammers $(BUILD)/xmail-spammers-engine $(BUILD)/faults.so
	@tests/faults/run.sh $(abspath $(BUILD)/faults) $(abspath $(BUILD)/faults.so)

# A rebuild and the filter are stopped before their calls, and the world changes around them: the short form, and the long
# one. RACES: only these.
RACE := tests/races/run.sh $(abspath $(BUILD)/faults) $(abspath $(BUILD)/faults.so)
RACED := $(BUILD)/faults/xmail-spammers $(BUILD)/xmail-spammers-engine $(BUILD)/faults.so
.PHONY: check-races torture-races
check: check-races
check-races: $(RACED)
	@$(RACE) short $(RACES)

torture: torture-races
torture-races: $(RACED)
	@$(RACE) long $(RACES)

REFERENCE_ROUNDS := 400
check-reference: $(BUILD)/sanitized/xmail-spammers
	@tests/reference/compare.sh $(abspath $(BUILD)/sanitized/xmail-spammers) $(REFERENCE_ROUNDS)

# Records and decisions, each compared with a plain second implementation in C: the short form, with a part of it under
# the sanitizers, and the long one.
DIFFERENTIAL_C := $(wildcard tests/differential/plain*.c tests/differential/make_*.c) tests/differential/lived.c
DIFFERENTIAL := $(foreach build,release sanitized,$(BUILD)/$(build)/records $(BUILD)/$(build)/decisions)

$(BUILD)/release/records $(BUILD)/release/decisions: $(BUILD)/release/%: $(BUILD)/release/tests/differential/%.o \
  $(DIFFERENTIAL_C:%.c=$(BUILD)/release/%.o) $(BUILD)/release/libxmailspammers.a
	@echo "  LD      $@"
	@$(CC) $(CFLAGS) $(LDFLAGS_HARDENING) $(LDFLAGS) -pthread -o $@ $^ $(LIBS)

$(BUILD)/sanitized/records $(BUILD)/sanitized/decisions: $(BUILD)/sanitized/%: \
  $(BUILD)/sanitized/tests/differential/%.o $(DIFFERENTIAL_C:%.c=$(BUILD)/sanitized/%.o) \
  $(BUILD)/sanitized/libxmailspammers.a
	@echo "  LD      $@"
	@$(CC) $(SANITIZE) -pthread -o $@ $^ $(LIBS)

.PHONY: check-differential torture-differential
check-differential: $(DIFFERENTIAL)
	@tests/differential/run.sh $(BUILD)/release short $(DIFFERENTIAL_SEED)
	@tests/differential/run.sh $(BUILD)/sanitized sanitized $(DIFFERENTIAL_SEED)

torture-differential: $(DIFFERENTIAL)
	@tests/differential/run.sh $(BUILD)/release long $(DIFFERENTIAL_SEED)

# Histories in which rebuilds with the cache must come to what those without it come to: the short form, and the long
# one. HISTORIES: only these, "FIRST COUNT [--story]".
LIVED := $(BUILD)/xmail-spammers $(BUILD)/sanitized/xmail-spammers $(BUILD)/times.so $(BUILD)/faults.so
check-cache: $(LIVED)
	@tests/cache/run.sh $(LIVED) short $(HISTORIES)

# The filter as XMail runs it, days of it: the short form, and the long one. SIMULATIONS: only these.
SIMULATE := tests/simulation/run.sh $(abspath $(BUILD)/xmail-spammers) $(abspath $(BUILD)/sanitized/xmail-spammers)
check-simulation: $(BUILD)/xmail-spammers $(BUILD)/sanitized/xmail-spammers
	@bats --print-output-on-failure tests/xmail
	@$(SIMULATE) short $(SIMULATIONS)

# The page of "report --html" in a browser; where none can be installed, that is said.
.PHONY: check-browser
check: check-browser
check-browser: $(BUILD)/xmail-spammers
	@install/deps browser || true
	@tests/browser/run.sh $(abspath $(BUILD)/xmail-spammers)

# What several threads do at once, in a third build: the other sanitizers can't see it.
$(BUILD)/threads/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(SANITIZE_THREADS) $(WERROR) -MMD -MP -c -o $@ $<

$(BUILD)/threads/test_%: $(BUILD)/threads/tests/unit/test_%.o $(LIB_C:%.c=$(BUILD)/threads/%.o)
	@echo "  LD      $@"
	@$(CC) $(SANITIZE_THREADS) -pthread -o $@ $^ $(LIBS) -lcmocka

# What takes seconds; and at length, all that the threads' work comes to.
check: check-threads
check-threads: $(BUILD)/threads/test_threads
	@tests/run-unit.sh $^

.PHONY: torture-threads
torture-threads: $(BUILD)/threads/test_threads $(BUILD)/threads/test_logfiles_gather
	@tests/run-unit.sh $^

torture: $(LIVED) torture-threads torture-differential
	@tests/cache/run.sh $(LIVED) long $(HISTORIES)
	@$(SIMULATE) long $(SIMULATIONS)

# Hostile logs, lists and patterns, which check-program has too, in the greatest numbers.
.PHONY: torture-hostile
torture: torture-hostile
torture-hostile: $(BUILD)/xmail-spammers $(BUILD)/sanitized/xmail-spammers
	@XMAIL_SPAMMERS_TORTURE=1 XMAIL_SPAMMERS=$(abspath $(BUILD)/sanitized/xmail-spammers) \
	 XMAIL_SPAMMERS_RELEASE=$(abspath $(BUILD)/xmail-spammers) \
	 bats --print-output-on-failure tests/program/hostile.bats

# What a crash of the machine may leave, by the calls that a run has made: the short form, and the long one. CRASHES:
# only these scenarios.
.PHONY: check-crash torture-crash
CRASH := $(BUILD)/faults/xmail-spammers $(BUILD)/record.so $(BUILD)/faults.so
check: check-crash
check-crash: $(CRASH)
	@tests/crash/run.sh $(CRASH) short $(CRASHES)

torture: torture-crash
torture-crash: $(CRASH)
	@tests/crash/run.sh $(CRASH) long $(CRASHES)

# The Debian package in a root of its own: into it, over itself, and out again.
.PHONY: check-deb
check: check-deb
check-deb:
	@VERSION=$(VERSION) bats --print-output-on-failure tests/deb

# --- coverage -------------------------------------------------------------------------------------------------------

# Which lines of lib/ and filter/ the tests run, in a build of its own: the unit tests, those of the program, and some of
# the fault injection. It fails where less than COVERAGE_LEAST percent of the lines of lib/ are run; all that aren't are
# listed in build/coverage/uncovered.
COVERAGE_LEAST := 98
COVERAGE_FAULTS := cached threads filter-first front allow block
COVER := -O0 -g --coverage -fprofile-update=atomic
COVER_FREE := -Wl,--wrap=prctl,--wrap=syscall,--wrap=kill
COVER_LINK = $(COVER) -Wl,--wrap=_exit,--wrap=execv $(COVER_FREE)
COVER_OBJECTS := $(LIB_C:%.c=$(BUILD)/coverage/%.o) $(FILTER_C:%.c=$(BUILD)/coverage/%.o) $(UNIT_C:%.c=$(BUILD)/coverage/%.o)
COVER_UNIT := $(UNIT_C:tests/unit/%.c=$(BUILD)/coverage/unit/%)

.PHONY: coverage
$(BUILD)/coverage/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(COVER) $(WERROR) -MMD -MP -c -o $@ $<

$(BUILD)/coverage/tests/coverage/count.o: tests/coverage/count.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -DCOUNTS='"$(abspath $(BUILD))/coverage/lib/confine.gcda"' -O1 -g $(WERROR) -MMD -MP -c -o $@ $<

$(BUILD)/coverage/libxmailspammers.a: $(LIB_C:%.c=$(BUILD)/coverage/%.o)
	@echo "  AR      $@"
	@$(AR) rcs $@ $^

$(BUILD)/coverage/xmail-spammers: $(FRONT_C:%.c=$(BUILD)/coverage/%.o) $(BUILD)/coverage/tests/coverage/count.o $(BUILD)/coverage/libxmailspammers.a | $(BUILD)/coverage/xmail-spammers-engine
	@echo "  LD      $@"
	@$(CC) $(COVER_LINK) -o $@ $^

$(BUILD)/coverage/xmail-spammers-engine: $(ENGINE_C:%.c=$(BUILD)/coverage/%.o) $(BUILD)/coverage/tests/coverage/count.o $(BUILD)/coverage/libxmailspammers.a
	@echo "  LD      $@"
	@$(CC) $(COVER_LINK) -pthread -o $@ $^ $(LIBS)

# This one looks whether what is confined is.
$(BUILD)/coverage/unit/test_apart: COVER_FREE :=

# With the sanitizer's allocator, which has little memory if a test wishes so.
$(BUILD)/coverage/unit/%: $(BUILD)/coverage/tests/unit/%.o $(BUILD)/coverage/tests/coverage/count.o $(BUILD)/coverage/libxmailspammers.a
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@$(CC) $(COVER_LINK) -fsanitize=address $(LDFLAGS_UNIT) -pthread -o $@ $^ $(LIBS) -lcmocka

coverage: $(COVER_UNIT) $(BUILD)/coverage/xmail-spammers $(BUILD)/xmail-spammers $(BUILD)/times.so $(BUILD)/faults.so
	@for counts in $(COVER_OBJECTS:%.o=%.gcda); do : >$$counts && chmod a+rw $$counts || exit 1; done
	@tests/run-unit.sh $(COVER_UNIT)
	@XMAIL_SPAMMERS=$(abspath $(BUILD)/coverage/xmail-spammers) \
	 XMAIL_SPAMMERS_RELEASE=$(abspath $(BUILD)/xmail-spammers) bats --print-output-on-failure tests/program
	@tests/faults/run.sh $(BUILD)/coverage $(BUILD)/faults.so $(COVERAGE_FAULTS)
	@tests/coverage/sum.pl $(COVERAGE_LEAST) $(BUILD)/coverage/uncovered $(COVER_OBJECTS)

# --- fuzzing --------------------------------------------------------------------------------------------------------

FUZZ_SECONDS := 300
FUZZERS := $(FUZZ_C:tests/fuzz/%.c=$(BUILD)/fuzz/%)

$(BUILD)/fuzzed/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $@"
	@$(CLANG) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(FUZZER)-no-link$(FUZZER_CHECKS) -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/%: $(BUILD)/fuzzed/tests/fuzz/%.o $(LIB_C:%.c=$(BUILD)/fuzzed/%.o)
	@mkdir -p $(@D)
	@echo "  FUZZER  $@"
	@$(CLANG) $(FUZZER)$(FUZZER_CHECKS) -pthread -o $@ $^ $(LIBS)

fuzz: $(FUZZERS)
	@tests/fuzz/run.sh $(BUILD)/fuzz $(FUZZ_SECONDS) $^

# What stands in tests/fuzz/corpus, once: what was found stays found, without clang and within seconds.
REPLAYS := $(FUZZ_C:tests/fuzz/%.c=$(BUILD)/replay/%)

$(BUILD)/replay/%: $(BUILD)/sanitized/tests/fuzz/%.o $(BUILD)/sanitized/tests/fuzz/replay.o $(BUILD)/sanitized/libxmailspammers.a
	@mkdir -p $(@D)
	@echo "  LD      $@"
	@$(CC) $(SANITIZE) -pthread -o $@ $^ $(LIBS)

.PHONY: check-corpus
check: check-corpus
check-corpus: $(REPLAYS)
	@tests/fuzz/replay.sh $^

# --- lint -----------------------------------------------------------------------------------------------------------

lint: lint-format lint-shell lint-man lint-warnings lint-analyzer lint-cppcheck lint-tidy

lint-format:
	@echo "clang-format"
	@clang-format --dry-run -Werror $(ALL_C) $(ALL_H)

lint-shell:
	@echo "shellcheck"
	@shellcheck $(SHELL_FILES)

lint-man:
	@echo "mandoc"
	@mandoc -T lint -W warning $(MAN_PAGES)

# Of lib/ and filter/, lint-analyzer has the warnings of $(CC): it compiles them with the same.
ANALYZED := $(LIB_C) $(FILTER_C)
lint-warnings:
	@echo "warnings of $(CC) and $(CLANG)"
	@printf '%s\n' $(filter-out $(ANALYZED),$(ALL_C)) | \
	  xargs -P 2 -n 1 $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -O2 -Werror -c -o /dev/null
	@printf '%s\n' $(ALL_C) | xargs -P 2 -n 1 $(CLANG) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -O2 -Werror -fsyntax-only

# gcc's own analyzer. It loses sight of memory whose owner is found through an array that has grown, and takes it for
# lost: in these files. Whether it is, the sanitizer and the fault injection see.
ANALYZER_LOST := lib/chronicle.c lib/conftext.c lib/decision.c lib/dossier.c lib/registration.c lib/survey.c
ANALYZE := $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -O2 -fanalyzer -Werror -c -o /dev/null
lint-analyzer:
	@echo "$(CC) -fanalyzer"
	@printf '%s\n' $(filter-out $(ANALYZER_LOST),$(ANALYZED)) | xargs -P 2 -n 1 $(ANALYZE)
	@printf '%s\n' $(ANALYZER_LOST) | xargs -P 2 -n 1 $(ANALYZE) -Wno-analyzer-malloc-leak

# With what a machine of ours defines, for otherwise it would leave the code for that out. It takes an error that is to be
# filled in for one that is read.
lint-cppcheck:
	@echo "cppcheck"
	@cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inconclusive \
	  --inline-suppr --suppress=missingIncludeSystem --suppress=ctuuninitvar:lib/error.c \
	  -Ilib -DXS_VERSION='""' -D__linux__ -D__GLIBC__ -D__x86_64__ $(LIB_C) $(FILTER_C)

# It counts on stderr what it has found in the system's headers and doesn't tell. One file a time: what it has seen of a
# va_list in one it mistakes in the next.
lint-tidy:
	@echo "clang-tidy"
	@printf '%s\n' $(ALL_C) | xargs -P 2 -I FILE clang-tidy --quiet --warnings-as-errors='*' FILE -- \
	  $(CPPFLAGS_ALL) $(CFLAGS_ALL) 2>&1 | { ! grep -v 'warnings\? generated\.$$'; }

format:
	clang-format -i $(ALL_C) $(ALL_H)

# --- speed ----------------------------------------------------------------------------------------------------------

# BENCH_DIR: where gigabytes of logs have room for a while. Sizes: tests/bench/common.bash; BENCH_MB=50 for a quick look.
BENCH_DIR ?= $(BUILD)/bench
BENCHES := bench-undue bench-scan bench-growth bench-incremental bench-byhand

.PHONY: $(BENCHES)
bench: $(BUILD)/xmail-spammers
	@tests/bench/all.sh $(abspath $<) $(BENCH_DIR)

$(BENCHES): bench-%: $(BUILD)/xmail-spammers
	@tests/bench/$*.sh $(abspath $<) $(BENCH_DIR)/$*

deps:
	@install/deps build check lint bench fuzz

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
