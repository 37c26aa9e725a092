-- 0002: groups, their battles and boards, and what the outbox needs for them.
-- The conventions of 0001 hold. A seat is one person in one battle.

-- The outbox anew: two kinds more, a picture, and who hears of the outcome.
CREATE TABLE outbox_2 (
    id         INTEGER PRIMARY KEY,
    chat       INTEGER NOT NULL,        -- 0: a call about no chat
    class      INTEGER NOT NULL CHECK (class IN (0, 1)),     -- people, bulk
    kind       INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 6), -- enum outbox_kind
    method     TEXT    NOT NULL,
    post       INTEGER REFERENCES post(id),
    body       TEXT    NOT NULL,        -- JSON without ids
    picture    TEXT,                    -- what sobes-draw is given; the body is its caption
    told       TEXT,                    -- 'PREFIX.DATA' of the feature that hears the outcome
    state      TEXT    NOT NULL CHECK (state IN ('queued', 'sending', 'ambiguous')),
    copies     INTEGER NOT NULL DEFAULT 0, -- times it was taken
    expires_ms INTEGER NOT NULL
) STRICT;
INSERT INTO outbox_2 (id, chat, class, kind, method, post, body, state, copies, expires_ms)
    SELECT id, chat, class, kind, method, post, body, state, copies, expires_ms FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_2 RENAME TO outbox;
CREATE INDEX outbox_queue ON outbox (chat, state, id);
CREATE UNIQUE INDEX outbox_edit ON outbox (post) WHERE state = 'queued' AND kind = 3;
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 'sending';
CREATE INDEX outbox_again ON outbox (chat) WHERE state = 'queued' AND copies > 0;
CREATE INDEX outbox_post ON outbox (post);

-- Messages and edits to groups in the last minute: the budget outlives the process.
CREATE TABLE spoken (
    id    INTEGER PRIMARY KEY,
    chat  INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX spoken_at ON spoken (at_ms);
CREATE INDEX spoken_chat ON spoken (chat);

-- A group that the bot is or was in.
CREATE TABLE club (
    id             INTEGER PRIMARY KEY, -- chat id, below 0
    token          INTEGER NOT NULL UNIQUE, -- names it in the buttons of its settings; random
    lang           TEXT    NOT NULL CHECK (lang IN ('ru', 'en')),
    zone           TEXT    NOT NULL,    -- IANA name
    topic          TEXT,                -- of a battle that names none; NULL: all of them
    rounds         INTEGER NOT NULL DEFAULT 7 CHECK (rounds BETWEEN 3 AND 20),
    speed          INTEGER NOT NULL DEFAULT 1 CHECK (speed IN (0, 1)), -- 0: only accuracy counts
    bonus          INTEGER NOT NULL DEFAULT 1 CHECK (bonus IN (0, 1)), -- for right ones in a row
    here           INTEGER NOT NULL DEFAULT 1 CHECK (here IN (0, 1)),  -- the bot is in it
    greeted        INTEGER NOT NULL DEFAULT 0 CHECK (greeted IN (0, 1)),
    daily_min      INTEGER CHECK (daily_min BETWEEN 0 AND 1439), -- of /daily; NULL: off
    daily_topic    TEXT,                -- NULL: all
    daily_thread   INTEGER NOT NULL DEFAULT 0,
    daily_day      INTEGER,             -- the local date of the last daily question
    daily_question INTEGER              -- which it was, until its quiz has been sent
) STRICT;

-- Who was an administrator when Telegram was last asked; believed until until_ms.
CREATE TABLE club_admin (
    club     INTEGER NOT NULL REFERENCES club(id) ON DELETE CASCADE ON UPDATE CASCADE,
    person   INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (club, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX club_admin_until ON club_admin (until_ms);

-- People who have played in a group, as its boards call them. Erased 180 days after.
CREATE TABLE player (
    club    INTEGER NOT NULL REFERENCES club(id) ON DELETE CASCADE ON UPDATE CASCADE,
    person  INTEGER NOT NULL,           -- Telegram user id
    name    TEXT    NOT NULL,           -- as of the last answer, plain text
    seen_ms INTEGER NOT NULL,
    PRIMARY KEY (club, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX player_person ON player (person);
CREATE INDEX player_seen ON player (seen_ms);

-- Points by period, in the group's own calendar. from_day: the first local date of the
-- period, days since 1970-01-01; 0 for all time.
CREATE TABLE board (
    club     INTEGER NOT NULL,
    period   INTEGER NOT NULL CHECK (period BETWEEN 0 AND 3), -- day, week, month, all
    from_day INTEGER NOT NULL,
    person   INTEGER NOT NULL,
    points   INTEGER NOT NULL,
    wins     INTEGER NOT NULL,
    battles  INTEGER NOT NULL,
    PRIMARY KEY (club, period, from_day, person),
    FOREIGN KEY (club, person) REFERENCES player(club, person) ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX board_best ON board (club, period, from_day, points DESC, person);
CREATE INDEX board_player ON board (club, person);
CREATE INDEX board_old ON board (period, from_day);

-- A game; in a private chat it is practice.
CREATE TABLE battle (
    id       INTEGER PRIMARY KEY,
    token    INTEGER NOT NULL UNIQUE,   -- names it in buttons; random
    chat     INTEGER NOT NULL,
    thread   INTEGER NOT NULL DEFAULT 0,
    opener   INTEGER NOT NULL,          -- who may stop it, beside administrators
    lang     TEXT    NOT NULL CHECK (lang IN ('ru', 'en')),
    topic    TEXT,                      -- NULL: all
    rounds   INTEGER NOT NULL CHECK (rounds BETWEEN 1 AND 20),
    speed    INTEGER NOT NULL CHECK (speed IN (0, 1)),
    bonus    INTEGER NOT NULL CHECK (bonus IN (0, 1)),
    buttons  INTEGER NOT NULL DEFAULT 0 CHECK (buttons IN (0, 1)), -- polls were refused
    state    INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3), -- enum battle_state
    round    INTEGER NOT NULL DEFAULT 0, -- the number of the newest one
    silent   INTEGER NOT NULL DEFAULT 0, -- rounds in a row that nobody answered
    voids    INTEGER NOT NULL DEFAULT 0, -- rounds in a row that did not count
    post     INTEGER REFERENCES post(id), -- the lobby's message
    due_ms   INTEGER NOT NULL,          -- when its state ends by itself
    drawn_ms INTEGER NOT NULL DEFAULT 0, -- when the lobby was last drawn
    stale    INTEGER NOT NULL DEFAULT 0 CHECK (stale IN (0, 1)), -- it must be drawn again
    over_ms  INTEGER,
    over_day INTEGER                    -- the group's local date then
) STRICT;
CREATE UNIQUE INDEX battle_running ON battle (chat, thread) WHERE state <> 3;
CREATE INDEX battle_chat ON battle (chat, id);
CREATE INDEX battle_post ON battle (post);
CREATE INDEX battle_over ON battle (over_ms);

CREATE TABLE seat (
    battle   INTEGER NOT NULL REFERENCES battle(id) ON DELETE CASCADE,
    person   INTEGER NOT NULL,
    points   INTEGER NOT NULL DEFAULT 0,
    hits     INTEGER NOT NULL DEFAULT 0, -- right answers
    run      INTEGER NOT NULL DEFAULT 0, -- of them in a row, now
    idle     INTEGER NOT NULL DEFAULT 0, -- rounds in a row without an answer
    PRIMARY KEY (battle, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX seat_person ON seat (person);

-- One question put before a group.
CREATE TABLE round (
    id        INTEGER PRIMARY KEY,
    battle    INTEGER REFERENCES battle(id) ON DELETE SET NULL, -- NULL: of /daily, or long ago
    chat      INTEGER NOT NULL,
    number    INTEGER NOT NULL,         -- in its battle, from 1
    question  INTEGER NOT NULL,
    level     INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3), -- of the question
    options   INTEGER NOT NULL,         -- the bank's four as shown, a decimal digit each: 2031
    right_one INTEGER NOT NULL CHECK (right_one BETWEEN 0 AND 3), -- where it is shown
    state     INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3), -- enum round_state
    post      INTEGER REFERENCES post(id),
    poll      TEXT UNIQUE,              -- Telegram's id of it, told by the outcome
    opened_ms INTEGER NOT NULL DEFAULT 0, -- when the send was confirmed
    limit_ms  INTEGER NOT NULL          -- time to answer
) STRICT;
CREATE INDEX round_battle ON round (battle, number);
CREATE INDEX round_seen ON round (chat, id);
CREATE INDEX round_question ON round (question, chat, id);
CREATE INDEX round_post ON round (post);
CREATE INDEX round_of_nobody ON round (opened_ms, chat, id) WHERE battle IS NULL;

CREATE TABLE vote (
    round    INTEGER NOT NULL REFERENCES round(id) ON DELETE CASCADE,
    person   INTEGER NOT NULL,
    option   INTEGER NOT NULL CHECK (option BETWEEN 0 AND 3), -- as shown
    spent_ms INTEGER NOT NULL,          -- from the confirmed send to its arrival
    place    INTEGER NOT NULL,          -- update_id: the server's order of votes
    hit      INTEGER NOT NULL CHECK (hit IN (0, 1)), -- it was right
    points   INTEGER NOT NULL,
    PRIMARY KEY (round, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX vote_person ON vote (person);

-- Answers to polls that no round has yet: they can overtake the outcome of their send.
CREATE TABLE early_vote (
    poll   TEXT    NOT NULL,
    person INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    option INTEGER NOT NULL,
    place  INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (poll, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX early_vote_at ON early_vote (at_ms);

CREATE TABLE skip (
    round  INTEGER NOT NULL REFERENCES round(id) ON DELETE CASCADE,
    person INTEGER NOT NULL,
    PRIMARY KEY (round, person)
) STRICT, WITHOUT ROWID;

-- How a quiz has fared in all groups together.
CREATE TABLE quiz_record (
    question INTEGER PRIMARY KEY,
    answers  INTEGER NOT NULL DEFAULT 0,
    hits     INTEGER NOT NULL DEFAULT 0, -- right ones among them
    out_ms   INTEGER,                   -- since when it is kept out of battles; NULL: it is not
    amends   INTEGER NOT NULL DEFAULT 0, -- options that were right as well: bits 0 to 3
    amended  INTEGER                    -- the club up to which their points were given back
) STRICT;

-- Somebody says that a quiz is wrong.
CREATE TABLE report (
    question INTEGER NOT NULL,
    person   INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (question, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_lately ON report (question, at_ms);
CREATE INDEX report_at ON report (at_ms);
CREATE INDEX quiz_out ON quiz_record (out_ms) WHERE out_ms IS NOT NULL;
