-- 0001: people, what they learn, what was sent to them, and the machinery of turns.
-- Times are Unix milliseconds UTC in *_ms columns. *_day is the person's own study day:
-- days since 1970-01-01 of their wall clock less the day start, written once with the
-- event and never recomputed. *_min is minutes after local midnight.

-- Small facts about the whole bot: 'offset' of getUpdates, 'alive_ms', 'clean' (1 after a
-- clean stop), 'commands' (fingerprint of what setMyCommands was last given), 'post_swept'
-- (how far the sweep of posts has come), 'replan' (1: the clock was set back and not
-- everybody's mornings are planned anew yet).
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Updates that are done. Kept 48 h: Telegram may deliver one again, or number anew.
CREATE TABLE seen_update (
    id    INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX seen_update_at ON seen_update (at_ms);

-- Causes that were begun after an unclean stop; three begins without an end and the cause
-- goes to `dead`, so that one poisonous update cannot stop the rest.
CREATE TABLE suspect (
    source TEXT NOT NULL,
    id     INTEGER NOT NULL,
    tries  INTEGER NOT NULL,
    PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead (
    id      INTEGER PRIMARY KEY,
    source  TEXT NOT NULL,              -- 'update' or the kind of an alarm
    cause   INTEGER NOT NULL,           -- update id or alarm subject
    summary TEXT NOT NULL,              -- the cause without anything a person wrote
    error   TEXT NOT NULL,
    at_ms   INTEGER NOT NULL
) STRICT;

-- When the bot was not running, as far as it can tell: to the minute or better.
CREATE TABLE down (
    from_ms INTEGER PRIMARY KEY,
    to_ms   INTEGER NOT NULL
) STRICT;

CREATE TABLE learner (
    id             INTEGER PRIMARY KEY, -- Telegram user id, and the id of the private chat
    lang           TEXT    NOT NULL CHECK (lang IN ('ru', 'en')),
    zone           TEXT    NOT NULL,    -- IANA name
    at_min         INTEGER NOT NULL CHECK (at_min BETWEEN 0 AND 1439),
    day_start_min  INTEGER NOT NULL DEFAULT 240 CHECK (day_start_min BETWEEN 0 AND 360),
    quiet_from_min INTEGER NOT NULL DEFAULT 1320 CHECK (quiet_from_min BETWEEN 0 AND 1439),
    quiet_to_min   INTEGER NOT NULL DEFAULT 480 CHECK (quiet_to_min BETWEEN 0 AND 1439),
    weekdays       INTEGER NOT NULL DEFAULT 127 CHECK (weekdays BETWEEN 1 AND 127), -- bit 0: Monday
    per_sitting    INTEGER NOT NULL DEFAULT 5 CHECK (per_sitting BETWEEN 1 AND 20),
    level          INTEGER NOT NULL DEFAULT 2 CHECK (level BETWEEN 1 AND 3), -- the highest offered
    retention      REAL    NOT NULL DEFAULT 0.9 CHECK (retention BETWEEN 0.7 AND 0.97),
    state          TEXT    NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'stopped', 'blocked')),
    step           TEXT    NOT NULL DEFAULT 'new' CHECK (step IN ('new', 'asked', 'done')), -- of first contact
    asking         TEXT,                -- what the next plain text answers: 'time', 'zone', 'time:django'
    streak         INTEGER NOT NULL DEFAULT 0,
    best           INTEGER NOT NULL DEFAULT 0,
    last_day       INTEGER              -- the last study day with a rating
) STRICT;
CREATE INDEX learner_active ON learner (id) WHERE state = 'active';

CREATE TABLE subscription (
    learner INTEGER NOT NULL REFERENCES learner(id) ON DELETE CASCADE,
    topic   TEXT    NOT NULL,
    weight  INTEGER NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 3),
    credit  INTEGER NOT NULL DEFAULT 0, -- of the round robin that shares sittings
    at_min  INTEGER CHECK (at_min BETWEEN 0 AND 1439), -- NULL: the person's own time
    PRIMARY KEY (learner, topic)
) STRICT, WITHOUT ROWID;

-- Memory of one question (FSRS). A question without a card is unseen.
CREATE TABLE card (
    learner    INTEGER NOT NULL REFERENCES learner(id) ON DELETE CASCADE,
    question   INTEGER NOT NULL,        -- number in content/ids.tsv
    state      INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3), -- learning, review, relearning
    step       INTEGER NOT NULL,        -- learning step, from 0
    stability  REAL    NOT NULL,        -- days
    difficulty REAL    NOT NULL,        -- 1 to 10
    due_day    INTEGER NOT NULL,
    due_ms     INTEGER NOT NULL,        -- of a learning step, inside due_day; else 0
    last_day   INTEGER NOT NULL,
    reps       INTEGER NOT NULL,
    lapses     INTEGER NOT NULL,
    PRIMARY KEY (learner, question)
) STRICT, WITHOUT ROWID;
CREATE INDEX card_due ON card (learner, due_day);
CREATE INDEX card_learning ON card (learner, due_ms) WHERE due_ms > 0;

-- Questions that belong together: a morning's, or those asked for with one tap.
CREATE TABLE sitting (
    id        INTEGER PRIMARY KEY,
    learner   INTEGER NOT NULL REFERENCES learner(id) ON DELETE CASCADE,
    day       INTEGER NOT NULL,
    scheduled INTEGER NOT NULL CHECK (scheduled IN (0, 1)),
    state     TEXT    NOT NULL CHECK (state IN ('open', 'done', 'closed', 'failed')),
    size      INTEGER NOT NULL,         -- places; an extra adds one
    sent_ms   INTEGER,                  -- when its first message was delivered
    end_ms    INTEGER NOT NULL          -- when its study day ends
) STRICT;
CREATE INDEX sitting_day ON sitting (learner, day);
CREATE INDEX sitting_newest ON sitting (learner, id);
CREATE INDEX sitting_open ON sitting (learner) WHERE state = 'open';

-- A topic is served by at most one scheduled sitting a study day: this key says so.
CREATE TABLE served (
    learner INTEGER NOT NULL REFERENCES learner(id) ON DELETE CASCADE,
    day     INTEGER NOT NULL,
    topic   TEXT    NOT NULL,
    sitting INTEGER NOT NULL REFERENCES sitting(id) ON DELETE CASCADE,
    PRIMARY KEY (learner, day, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX served_sitting ON served (sitting);

-- Our own name for a message: Telegram's id arrives with the outcome.
CREATE TABLE post (
    id      INTEGER PRIMARY KEY,
    chat    INTEGER NOT NULL,
    thread  INTEGER NOT NULL DEFAULT 0,
    message INTEGER,
    copied  INTEGER NOT NULL DEFAULT 0 CHECK (copied IN (0, 1)), -- it was sent more than once
    UNIQUE (chat, message)
) STRICT;

-- One question put before one person.
CREATE TABLE delivery (
    id       INTEGER PRIMARY KEY,
    token    INTEGER NOT NULL UNIQUE,   -- names it in buttons; random
    learner  INTEGER NOT NULL REFERENCES learner(id) ON DELETE CASCADE,
    question INTEGER NOT NULL,
    sitting  INTEGER REFERENCES sitting(id) ON DELETE CASCADE,
    place    INTEGER NOT NULL DEFAULT 0, -- in its sitting, from 1
    day      INTEGER NOT NULL,
    state    TEXT    NOT NULL CHECK (state IN ('planned', 'open', 'rated', 'skipped', 'known', 'dropped')),
    post     INTEGER REFERENCES post(id),
    part     INTEGER NOT NULL DEFAULT 0, -- what its message shows: a part of bank.page
    lang     TEXT    NOT NULL,          -- in which language
    UNIQUE (sitting, place)
) STRICT;
CREATE INDEX delivery_question ON delivery (learner, question);
CREATE INDEX delivery_lying ON delivery (learner, question, day)
    WHERE state IN ('planned', 'open', 'skipped');
CREATE INDEX delivery_post ON delivery (post);

CREATE TABLE review (
    id        INTEGER PRIMARY KEY,
    learner   INTEGER NOT NULL REFERENCES learner(id) ON DELETE CASCADE,
    delivery  INTEGER NOT NULL REFERENCES delivery(id) ON DELETE CASCADE,
    question  INTEGER NOT NULL,
    grade     INTEGER NOT NULL CHECK (grade BETWEEN 1 AND 4), -- again, hard, good, easy
    at_ms     INTEGER NOT NULL,
    day       INTEGER NOT NULL,
    before    TEXT    NOT NULL,         -- card and streak as they were, for undo
    undone_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX review_live ON review (delivery) WHERE undone_ms IS NULL;
CREATE INDEX review_delivery ON review (delivery);
CREATE INDEX review_day ON review (learner, day);
CREATE INDEX review_question ON review (learner, question);

CREATE TABLE streak_day (
    learner INTEGER NOT NULL REFERENCES learner(id) ON DELETE CASCADE,
    day     INTEGER NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN ('kept', 'excused')),
    reviews INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (learner, day)
) STRICT, WITHOUT ROWID;

-- What the bot has decided to say and has not been told was said.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
    chat       INTEGER NOT NULL,        -- 0: a call about no chat
    class      INTEGER NOT NULL CHECK (class IN (0, 1)),     -- people, bulk
    kind       INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 4), -- enum outbox_kind
    method     TEXT    NOT NULL,
    post       INTEGER REFERENCES post(id),
    body       TEXT    NOT NULL,        -- JSON without ids
    state      TEXT    NOT NULL CHECK (state IN ('queued', 'sending', 'ambiguous')),
    copies     INTEGER NOT NULL DEFAULT 0, -- times it was taken
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_queue ON outbox (chat, state, id);
CREATE UNIQUE INDEX outbox_edit ON outbox (post) WHERE state = 'queued' AND kind = 3;
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 'sending';
CREATE INDEX outbox_again ON outbox (chat) WHERE state = 'queued' AND copies > 0;
CREATE INDEX outbox_post ON outbox (post);

-- One row a chat with waiting rows, or frozen by a 429 until ready_ms (0: never was).
CREATE TABLE lane (
    chat     INTEGER PRIMARY KEY,
    class    INTEGER NOT NULL,
    ready_ms INTEGER NOT NULL,
    head     INTEGER NOT NULL,          -- id of its oldest row: lanes take turns by it
    busy     INTEGER NOT NULL DEFAULT 0 CHECK (busy IN (0, 1))
) STRICT;
CREATE INDEX lane_ready ON lane (class, ready_ms, head) WHERE busy = 0;
CREATE INDEX lane_busy ON lane (chat) WHERE busy = 1;

CREATE TABLE alarm (
    kind    TEXT    NOT NULL,
    subject INTEGER NOT NULL,           -- learner, outbox row, 0
    due_ms  INTEGER NOT NULL,
    bulk    INTEGER NOT NULL CHECK (bulk IN (0, 1)),
    fails   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX alarm_due ON alarm (bulk, due_ms);
