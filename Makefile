# Sobes: `make` builds build/sobes and build/bank.db; `make help` lists the rest.
# SAN=1 is another build folder with ASan and UBSan; CC=clang works too.

PKGS := libuv libcurl libcjson sqlite3 glib-2.0 libmicrohttpd
BANK_PKGS := yaml-0.1 sqlite3 glib-2.0 libcjson
DRAW_PKGS := pangocairo cairo libpng libcjson glib-2.0 gobject-2.0
B    := build$(if $(SAN),-san)
SANS := $(if $(SAN),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)

# Ours and the user's are apart: `make CFLAGS=-Og` must not lose the warnings.
OURS := -std=c17 -D_POSIX_C_SOURCE=200809L -I. -I$B -MMD -MP $(SANS) -Wall -Wextra -Wshadow \
        -Wformat=2 -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wimplicit-fallthrough
CFLAGS ?= -O2 -g
LDFLAGS ?= -Wl,--as-needed
# What makes a mistake of ours hard to abuse, as far as this compiler knows it, and hides
# where the tree lay; sanitizers see more without. FORTIFY needs an optimizer.
FLAGS_C := -Wtrampolines -Wbidi-chars=any -Werror=format-security -Werror=implicit \
        -Werror=incompatible-pointer-types -Werror=int-conversion -fPIE -fexceptions \
        -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
        -ftrivial-auto-var-init=zero -fno-delete-null-pointer-checks -fno-strict-overflow \
        -fno-strict-aliasing -ffile-prefix-map=$(CURDIR)=.
FLAGS_LD := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,separate-code
FORTIFY = $(if $(filter-out -O0,$(filter -O%,$(CFLAGS))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
known   = $(if $(SAN),,$(shell for f in $1; do echo 'int main(void) { return 0; }' | \
            $(CC) -Werror $$f $2 -x c - -o /dev/null 2>/dev/null && echo "$$f"; done))
HARD_C  = $(eval HARD_C := $(call known,$(FLAGS_C),-Wall -S) $(if $(SAN),,$(FORTIFY)))$(HARD_C)
HARD_LD = $(eval HARD_LD := $(call known,$(FLAGS_LD)))$(HARD_LD)
HAVE_PKGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
DRAW_HAVE = $(shell pkg-config --cflags $(DRAW_PKGS) 2>/dev/null)

BASE  := $(patsubst %.c,$B/%.o,$(wildcard bot/base/*.c))
# What the world sees through sockets stays out of the tests' library.
WORLD := $(patsubst %,$B/bot/net/%.o,http payload trouble sockets resolve picture loop backups health)
LIB   := $(BASE) $(patsubst %.c,$B/%.o,$(wildcard bot/study/*.c bot/telegram/*.c bot/talk/*.c db/*.c)) \
         $(filter-out $(WORLD),$(patsubst %.c,$B/%.o,$(wildcard bot/net/*.c))) $B/words.o $B/cities.o $B/migrations.o $B/bank_sql.o
DRAW  := $(patsubst %.c,$B/%.o,$(wildcard bot/draw/*.c)) $(patsubst %,$B/bot/base/%.o,buf json)
COMPILER := $(patsubst %.c,$B/%.o,$(wildcard content/compiler/*.c)) $B/bank_sql.o $B/db/db.o $(BASE)
# The local Telegram is its rule book, which scenes share, and the server around it.
LOCAL := $(patsubst %.c,$B/%.o,$(wildcard tests/local/rules/*.c))
SERVER := $(patsubst %.c,$B/%.o,$(wildcard tests/local/*.c))
PAGE  := $(sort $(wildcard tests/local/page/*))
UNITS := $(patsubst %.c,$B/%,$(wildcard tests/test_*.c))
OWN_C := $(wildcard bot/*.[ch] bot/*/*.[ch] db/*.[ch] content/compiler/*.[ch] tests/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch])
WORDS := $(wildcard content/words/*.yaml)
# What /metrics calls the program: that of the last commit, as the Debian package does.
VERSION ?= $(or $(shell TZ=UTC0 git log -1 --abbrev=8 --date=format-local:%Y%m%d.%H%M%S \
             --format=0.%cd+g%h 2>/dev/null),0)
# Where `make install` lays things; the program finds the rest in ../share/sobes.
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
UNITDIR ?= $(PREFIX)/lib/systemd/system
SHARE    = $(patsubst %/,%,$(dir $(BINDIR)))/share
# V=1 shows the commands.
Q     := $(if $(V),,@)
LINK   = $Q$(if $(V),,echo "  LD $@" && )$(CC) $(OURS) $(HARD_LD) $(LDFLAGS) $(filter %.o,$^)

all: $B/sobes $B/sobes-draw $B/fonts.conf $B/bank.db ## the bot, what draws for it, and its bank

run: deps ## install what is missing, build, start the bot; without a token: try
	@$(MAKE) -s --no-print-directory all
	@$B/sobes --has-token; case $$? in \
	  0) exec $B/sobes ;; \
	  1) exec $(MAKE) --no-print-directory try ;; \
	  *) exit 1 ;; \
	esac

try: ## the bot in a local Telegram of its own, with a chat page in the browser
	@deploy/deps.sh try
	@$(MAKE) -s --no-print-directory all $B/local_telegram
	@exec tests/local/try.sh $B

deps: ## install missing Debian packages for building and running
	@deploy/deps.sh build

test: ## everything checked; the last line counts
	@deploy/deps.sh test
	@$(MAKE) --no-print-directory $(MODULES)
	@$(MAKE) --no-print-directory -j2 all programs
	@$(MAKE) --no-print-directory -j2 SAN=1 programs
	@$(MAKE) --no-print-directory threads
	@/usr/bin/python3 tests/all.py build build-san

# What checks the local Telegram from outside: pinned in tests/package-lock.json.
MODULES := tests/node_modules/.package-lock.json
$(MODULES): tests/package-lock.json
	cd tests && npm ci --no-audit --no-fund --loglevel=error

contract: $B/scenes $B/scene_bank.db $B/local_telegram $(MODULES) ## all that is said to Telegram, against its types
	@mkdir -p $B/recorded
	@rm -f $B/recorded/scenes.jsonl
	@$B/scenes --bank $B/scene_bank.db --calls $B/recorded/scenes.jsonl $(wildcard tests/scenes/*.scene) >$B/recorded/scenes.log 2>&1
	@node tests/contract/second_client.mjs --telegram $B/local_telegram --record $B/recorded/second_client.jsonl
	@node tests/contract/check.mjs $B/recorded/scenes.jsonl $B/recorded/second_client.jsonl $(wildcard $B/recorded/e2e)

programs: $(UNITS) $B/scenes $B/sobes $B/sobes-draw $B/fonts.conf $(if $(SAN),,$B/scene_bank.db $B/local_telegram $B/fail_malloc.so $B/battles $B/year fuzzers)

scenes: $B/scenes $B/scene_bank.db ## only the scenes; SCENE=tests/scenes/x.scene for one
	@$B/scenes --bank $B/scene_bank.db $(or $(SCENE),$(wildcard tests/scenes/*.scene))

check: contract warnings ## layers, format, no warning from gcc or clang, the contract with Telegram

warnings:
	@tests/check_layers.sh
	@clang-format --dry-run -Werror $(OWN_C)
	@$(MAKE) -s CC=clang B=build/clang CFLAGS='-O1 -Werror' $(patsubst %,build/clang/%,sobes sobes-draw compiler)
	@$(MAKE) -s CC=gcc B=build/gcc CFLAGS='-O2 -Werror' $(patsubst %,build/gcc/%,sobes sobes-draw compiler)
	@echo "check: format and warnings are clean"

screenshots: $(MODULES) ## pictures of the chat page; one of them is the README's
	@$(MAKE) --no-print-directory all $B/local_telegram
	@node tests/browser/screenshots.mjs --sobes $B/sobes --telegram $B/local_telegram --bank $B/bank.db --out $B/screenshots

bank-report: ## what the bank holds and lacks; VIEW=missing, VIEW=versions, VIEW=places LIST=file.tsv
	@deploy/deps.sh test
	@/usr/bin/python3 content/bank_report.py $(VIEW) $(LIST)

fuzz: $B/scene_bank.db fuzzers ## each fuzzer for SECONDS=600; what it finds is kept in BUILD/fuzz/found
	@for f in $(FUZZERS); do SCENE_BANK=$B/scene_bank.db FOUND=$B/fuzz/found tests/fuzz/run.sh $B/fuzz/fuzz_$$f $(or $(SECONDS),600) || exit 1; done

chaos: ## faults for long, as tests/chaos/README.md tells: kills, power cuts, disks, networks; hours
	@deploy/deps.sh test
	@$(MAKE) --no-print-directory -j2 all programs
	@$(MAKE) --no-print-directory -j2 SAN=1 programs
	@$(MAKE) --no-print-directory threads
	@/usr/bin/python3 tests/all.py build build-san chaos

sabotage: ## five walls taken down in a copy of the sources; each turns its check red
	@deploy/deps.sh test
	@$(MAKE) --no-print-directory -j2 all $B/local_telegram
	@/usr/bin/python3 tests/chaos/sabotage.py --build $B

bench: all $B/local_telegram $B/bench_endpoint $B/bench_bare ## what it costs, beside its aims; LONG=1: a million people too; asserts nothing
	@/usr/bin/python3 tests/bench/bench.py $B $(if $(LONG),--long)

tidy: $B/words.h ## clang-tidy over our own code
	clang-tidy --quiet $(wildcard bot/*/*.c db/*.c content/compiler/*.c) -- $(OURS) $(HAVE_PKGS) $(DRAW_HAVE)

install: all ## into PREFIX=/usr/local; DESTDIR, BINDIR, UNITDIR
	@install -d $(addprefix $(DESTDIR),$(BINDIR) $(SHARE)/sobes $(SHARE)/doc/sobes $(UNITDIR))
	@install $B/sobes $B/sobes-draw $(DESTDIR)$(BINDIR)
	@install -m 644 $B/fonts.conf $B/bank.db $(DESTDIR)$(SHARE)/sobes
	@install -m 644 .env.example README.md $(DESTDIR)$(SHARE)/doc/sobes
	@sed 's|/usr/bin/|$(BINDIR)/|g' deploy/sobes.service >$(DESTDIR)$(UNITDIR)/sobes.service
	@chmod 644 $(DESTDIR)$(UNITDIR)/sobes.service

uninstall: ## what `make install` laid down; what people stored stays
	@rm -f $(addprefix $(DESTDIR)$(BINDIR)/,sobes sobes-draw) $(DESTDIR)$(UNITDIR)/sobes.service
	@rm -rf $(DESTDIR)$(SHARE)/sobes $(DESTDIR)$(SHARE)/doc/sobes

deb: ## a Debian package, in the folder of the build
	@$(MAKE) -s --no-print-directory all
	@deploy/deb.sh $B

reproducible: ## two copies built in two folders are the same to the bit
	@tests/reproducible.sh

format: ## clang-format everything in place
	clang-format -i $(OWN_C)

top: ## the longest files
	@wc -l $(OWN_C) | sort -rn | sed -n '2,16p'

clean: ## remove everything that was built
	rm -rf build build-san

help: ## this list
	@sed -n 's/^\([a-z-]*\):.* ## /\1	/p' Makefile

$B/sobes: $B/bot/main.o $B/bot/repair.o $(WORLD) $(LIB)
	$(LINK) $$(pkg-config --libs $(PKGS)) -lm -o $@

# Pictures are a program of their own: the daemon links no graphics library.
$B/sobes-draw: $(DRAW)
	$(LINK) $$(pkg-config --libs $(DRAW_PKGS)) -lm -o $@
$B/bot/draw/%.o: HAVE_PKGS = $(DRAW_HAVE)

$B/fonts.conf: bot/draw/fonts.conf
	@mkdir -p $B
	@cp $< $@

$B/compiler: $(COMPILER)
	$(LINK) $$(pkg-config --libs $(BANK_PKGS)) -lmd4c -lm -o $@

$B/scenes: $(patsubst %.c,$B/%.o,$(filter-out tests/scene_world_uv.c,$(wildcard tests/scene*.c tests/faults.c tests/memory_disk.c tests/fake_http.c tests/fake_picture.c))) $(LOCAL) $(LIB)
	$(LINK) $$(pkg-config --libs $(PKGS)) -lm -o $@

$B/battles: $(patsubst %,$B/tests/%.o,battles battles_people scene_world memory_disk fake_http fake_picture) $(LOCAL) $(LIB)
	$(LINK) $$(pkg-config --libs $(PKGS)) -lm -o $@

$B/year: $(patsubst %,$B/tests/%.o,year scene_world memory_disk fake_http fake_picture) $(LOCAL) $(LIB)
	$(LINK) $$(pkg-config --libs $(PKGS)) -lm -o $@

$B/local_telegram: $(SERVER) $(LOCAL) $B/page.o $(BASE)
	$(LINK) $$(pkg-config --libs libmicrohttpd libcjson glib-2.0) -lm -o $@

# The other ends of `make bench`: what talks to the bot, and what the bot is held against.
$B/bench_endpoint: $B/tests/bench/endpoint.o $B/tests/bench/crowd.o
	$(LINK) $$(pkg-config --libs libuv) -o $@
$B/bench_bare: $B/tests/bench/bare.o
	$(LINK) $$(pkg-config --libs libcurl libcjson) -o $@

# Tests see everything; those of the world itself have it instead of the fake one.
$B/tests/test_%: $B/tests/test_%.o $B/tests/fake_http.o $B/tests/fake_picture.o $(LOCAL) $(LIB)
	$(LINK) $$(pkg-config --libs $(PKGS) cmocka) -lm -o $@
$B/tests/test_http $B/tests/test_resolve $B/tests/test_picture $B/tests/test_backup $B/tests/test_health: $B/tests/test_%: $B/tests/test_%.o $(WORLD) $(LIB)
	$(LINK) $$(pkg-config --libs $(PKGS) cmocka) -lm -o $@
$B/tests/test_local_wire: $B/tests/local/form.o
$B/tests/test_compiler $B/tests/test_words $B/tests/test_cities: $B/compiler

# Fuzzers see into all that they run: everything is built again for them by clang.
FUZZERS := update markup bank turn
FUZZED  := $(filter-out $B/content/compiler/main.o,$(COMPILER))
$(FUZZERS:%=$B/fuzz_%): $B/fuzz_%: $B/tests/fuzz/%.o
	$(LINK) -fsanitize=fuzzer $$(pkg-config --libs $(PKGS) $(BANK_PKGS)) -lmd4c -lm -o $@
$B/fuzz_update: $(BASE) $(patsubst %.c,$B/%.o,$(wildcard bot/telegram/*.c))
$B/fuzz_markup: $(FUZZED) $(LOCAL)
$B/fuzz_bank: $(FUZZED) $(patsubst %,$B/db/%.o,attach bank)
$B/fuzz_turn: $(patsubst %,$B/tests/%.o,scene_world memory_disk fake_http fake_picture) $(LOCAL) $(LIB)
fuzzers:
	@$(MAKE) --no-print-directory -j2 CC=clang SAN=1 B=$B/fuzz CFLAGS='-g -O1 -fsanitize=fuzzer-no-link' $(FUZZERS:%=$B/fuzz/fuzz_%)

# A third build, by ThreadSanitizer: names are resolved and backups kept in threads.
threads:
	@$(MAKE) --no-print-directory -j2 CC=clang SAN=1 SANS='-fsanitize=thread -fno-omit-frame-pointer' B=$B/tsan CFLAGS='-g -O1' $B/tsan/sobes $B/tsan/scenes

# Loaded before the daemon: memory runs out where a test wants it.
$B/fail_malloc.so: tests/chaos/fail_malloc.c
	@mkdir -p $B
	$Q$(if $(V),,echo "  CC $<" && )$(CC) $(filter-out -MMD -MP,$(OURS)) $(CFLAGS) -shared -fPIC $< -o $@

$B/bank.db: $B/compiler content/topics.yaml content/checklist.yaml content/ids.tsv $(wildcard content/questions/*.yaml) $(WORDS)
	$B/compiler bank content $@

# Scenes speak of one topic that does not grow under them.
$B/scene_bank.db: $B/bank.db
	$B/compiler bank content $@ django >/dev/null

# Written anew only when it says something else.
$B/version.h: always
	@mkdir -p $B
	@echo '#define SOBES_VERSION "$(VERSION)"' | cmp -s - $@ || \
	  echo '#define SOBES_VERSION "$(VERSION)"' >$@
$B/bot/net/metrics.o: | $B/version.h

$B/words.c $B/words.h &: $B/compiler $(WORDS)
	$B/compiler words content/words $B/words

$B/cities.c: $B/compiler content/cities.yaml
	$B/compiler cities content/cities.yaml $@

# Text files become C strings: every line a literal.
C_TEXT = sed -e 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/'
$B/bank_sql.c: db/bank.sql Makefile
	@mkdir -p $B
	@{ echo '#include "db/db.h"'; echo 'const char bank_sql[] ='; \
	  $(C_TEXT) $<; echo ';'; } > $@

$B/migrations.c: $(sort $(wildcard db/migrations/*.sql)) Makefile
	@mkdir -p $B
	@{ echo '#include "db/db.h"'; echo 'const char *const db_migrations[] = {'; \
	  for f in $(filter %.sql,$^); do $(C_TEXT) $$f; echo ','; done; echo '};'; \
	  echo 'const int db_migration_count = sizeof db_migrations / sizeof *db_migrations;'; } > $@

$B/page.c: $(PAGE) Makefile
	@mkdir -p $B
	@{ echo '#include "tests/local/page.h"'; echo 'const struct page_part page_parts[] = {'; \
	  for f in $(PAGE); do echo "{\"$${f##*/}\","; $(C_TEXT) $$f; echo '},'; done; echo '};'; \
	  echo 'const int page_part_count = sizeof page_parts / sizeof *page_parts;'; } > $@

$B/%.o: $B/%.c
	$Q$(if $(V),,echo "  CC $<" && )$(CC) $(OURS) $(HARD_C) $(CFLAGS) -c $< -o $@
$B/bot/%.o: OURS += -Wconversion
$B/db/%.o: OURS += -Wconversion
$B/content/%.o: OURS += -Wconversion
$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	$Q$(if $(V),,echo "  CC $<" && )$(CC) $(OURS) $(HARD_C) $(HAVE_PKGS) $(CFLAGS) -c $< -o $@
$B/cities.o $(patsubst %.c,$B/%.o,$(wildcard bot/talk/*.c tests/*.c)): | $B/words.h

.SECONDARY:
.PHONY: always all chaos sabotage fuzz fuzzers threads install uninstall deb reproducible run try deps test programs scenes contract check warnings screenshots bank-report bench tidy format top clean help
-include $(wildcard $B/*.d $B/*/*.d $B/*/*/*.d $B/*/*/*/*.d)
