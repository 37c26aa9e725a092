-- The compiled bank: what the bot reads, never writes. Made by content/compiler, replaced
-- as a whole. application_id 0x536f6262, user_version 2 (the format below).

CREATE TABLE info (
    key   TEXT PRIMARY KEY,         -- 'hash': SHA-like fingerprint of all content, hex
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE topic (
    slug     TEXT PRIMARY KEY,      -- 'django'
    place    INTEGER NOT NULL,      -- order in content/topics.yaml, from 1
    title_ru TEXT NOT NULL,
    title_en TEXT NOT NULL,
    held     INTEGER NOT NULL       -- entries whose home it is and that are not retired; 0: not in the bank yet
) STRICT, WITHOUT ROWID;

CREATE TABLE topic_name (
    name  TEXT NOT NULL,            -- slug, title or synonym, folded as bot/base/fold.h folds
    topic TEXT NOT NULL REFERENCES topic(slug),
    PRIMARY KEY (name, topic)
) STRICT, WITHOUT ROWID;

CREATE TABLE question (
    num        INTEGER PRIMARY KEY, -- the number in content/ids.tsv, for ever
    id         TEXT NOT NULL UNIQUE,
    topic      TEXT NOT NULL REFERENCES topic(slug),  -- home
    level      INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),  -- junior, middle, senior
    likelihood REAL NOT NULL,       -- 0: asked first; smallest of (rank - 1) / N over its places
    retired    INTEGER NOT NULL DEFAULT 0,
    instead    INTEGER              -- the entry that took a retired one's place
) STRICT;

-- Where a question is offered: at home and in the topics of its places, a retired one
-- nowhere; the likelier first.
CREATE TABLE offer (
    topic      TEXT NOT NULL REFERENCES topic(slug),
    likelihood REAL NOT NULL,
    question   INTEGER NOT NULL REFERENCES question(num),
    level      INTEGER NOT NULL,
    PRIMARY KEY (topic, likelihood, question)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX offer_question ON offer (question, topic);

-- Telegram HTML, ready to send; the bot adds the head line and the keyboard.
CREATE TABLE page (
    question INTEGER NOT NULL REFERENCES question(num),
    lang     TEXT NOT NULL CHECK (lang IN ('ru', 'en')),
    part     INTEGER NOT NULL,      -- 0 the question, 1 short answer and, after its last blank line,
                                    -- the points, one a line with a bullet; 2 deep answer,
                                    -- 3 pitfalls, next questions, sources; 4 the short answer alone
    html     TEXT NOT NULL,
    PRIMARY KEY (question, lang, part)
) STRICT, WITHOUT ROWID;

-- What people are asked at a poll: the quiz of an entry. Personal entries have none, retired
-- ones keep theirs. The ask and the options are plain text.
CREATE TABLE quiz (
    question INTEGER NOT NULL REFERENCES question(num),
    lang     TEXT NOT NULL CHECK (lang IN ('ru', 'en')),
    ask      TEXT NOT NULL,         -- at most 240 characters
    code     TEXT NOT NULL,         -- Telegram HTML, one block; '': none. With the ask and the
                                    -- options at most 450 characters shown
    option_1 TEXT NOT NULL,         -- the right one, always; an option has at most 60 characters
    option_2 TEXT NOT NULL,
    option_3 TEXT NOT NULL,
    option_4 TEXT NOT NULL,
    why      TEXT NOT NULL,         -- Telegram HTML, code spans alone; at most 200 shown
    PRIMARY KEY (question, lang)
) STRICT, WITHOUT ROWID;
