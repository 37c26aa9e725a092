-- 0006: the operator's desk: numbers for /admin that nobody has to count, and broadcasts.
-- The conventions of 0001 hold; days here are UTC's.

-- 6: groups that the bot is in. 7, 8: active people who read Russian, English.
INSERT INTO tally (id, n) VALUES
    (6, (SELECT count(*) FROM club WHERE here = 1)),
    (7, (SELECT count(*) FROM learner WHERE state = 'active' AND lang = 'ru')),
    (8, (SELECT count(*) FROM learner WHERE state = 'active' AND lang = 'en'));
CREATE TRIGGER club_came AFTER INSERT ON club WHEN NEW.here = 1 BEGIN
    UPDATE tally SET n = n + 1 WHERE id = 6;
END;
CREATE TRIGGER club_went AFTER DELETE ON club WHEN OLD.here = 1 BEGIN
    UPDATE tally SET n = n - 1 WHERE id = 6;
END;
CREATE TRIGGER club_turned AFTER UPDATE OF here ON club WHEN OLD.here <> NEW.here BEGIN
    UPDATE tally SET n = n + NEW.here - OLD.here WHERE id = 6;
END;

CREATE TABLE desk_day (
    day     INTEGER PRIMARY KEY,            -- since 1970-01-01
    seen    INTEGER NOT NULL DEFAULT 0,     -- people whose last day it was, so far
    answers INTEGER NOT NULL DEFAULT 0      -- ratings given, less those taken back
) STRICT;
INSERT INTO desk_day (day, seen) SELECT seen_ms / 86400000, count(*) FROM learner GROUP BY 1;

-- Broadcasts: who does not want any, and the newest one before they came.
ALTER TABLE learner ADD COLUMN news INTEGER NOT NULL DEFAULT 1 CHECK (news IN (0, 1));
ALTER TABLE learner ADD COLUMN news_from INTEGER NOT NULL DEFAULT 0;

CREATE TABLE broadcast (
    id       INTEGER PRIMARY KEY,       -- never used again: rows stay
    token    INTEGER NOT NULL UNIQUE,   -- of its buttons; random
    operator INTEGER NOT NULL,          -- who writes it; 0 when it is over
    state    INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 4), -- enum broadcast_state
    text_ru  TEXT,                      -- plain; NULL: not written yet, or over
    text_en  TEXT,
    until_ms INTEGER NOT NULL,          -- its buttons work so long, before it runs
    message  INTEGER NOT NULL DEFAULT 0, -- in the operator's chat, that tells how it goes
    told     INTEGER NOT NULL DEFAULT -1, -- what that message says: walked + gone
    total    INTEGER NOT NULL DEFAULT 0, -- active people when it began
    walked   INTEGER NOT NULL DEFAULT 0, -- of them, looked at
    after    INTEGER NOT NULL DEFAULT 0, -- the last one's id; the largest number: all
    taken    INTEGER NOT NULL DEFAULT 0, -- messages that were put into the outbox
    waiting  INTEGER NOT NULL DEFAULT 0, -- of them, there still
    sent     INTEGER NOT NULL DEFAULT 0  -- of them, delivered
) STRICT;
CREATE INDEX broadcast_live ON broadcast (state) WHERE state < 3;
CREATE INDEX broadcast_operator ON broadcast (operator) WHERE operator > 0;

-- A row of the outbox that says told = 'news.ID' is one message of that broadcast.
CREATE INDEX outbox_news ON outbox (told) WHERE told GLOB 'news.*';
CREATE TRIGGER news_came AFTER INSERT ON outbox WHEN NEW.told GLOB 'news.*' BEGIN
    UPDATE broadcast SET taken = taken + 1, waiting = waiting + 1
        WHERE id = CAST(substr(NEW.told, 6) AS INTEGER);
END;
CREATE TRIGGER news_went AFTER DELETE ON outbox WHEN OLD.told GLOB 'news.*' BEGIN
    UPDATE broadcast SET waiting = waiting - 1
        WHERE id = CAST(substr(OLD.told, 6) AS INTEGER);
END;
CREATE TRIGGER news_lost AFTER UPDATE OF told ON outbox
WHEN OLD.told GLOB 'news.*' AND NEW.told IS NULL BEGIN
    UPDATE broadcast SET waiting = waiting - 1
        WHERE id = CAST(substr(OLD.told, 6) AS INTEGER);
END;

CREATE TRIGGER learner_came_in AFTER INSERT ON learner BEGIN
    UPDATE learner SET news_from = coalesce((SELECT max(id) FROM broadcast), 0)
        WHERE id = NEW.id;
    UPDATE tally SET n = n + (NEW.state = 'active')
        WHERE id = CASE NEW.lang WHEN 'ru' THEN 7 ELSE 8 END;
    INSERT INTO desk_day (day, seen) VALUES (NEW.seen_ms / 86400000, 1)
        ON CONFLICT (day) DO UPDATE SET seen = seen + 1;
END;
CREATE TRIGGER learner_went_out AFTER DELETE ON learner BEGIN
    UPDATE tally SET n = n - (OLD.state = 'active')
        WHERE id = CASE OLD.lang WHEN 'ru' THEN 7 ELSE 8 END;
    UPDATE desk_day SET seen = seen - 1 WHERE day = OLD.seen_ms / 86400000;
END;
CREATE TRIGGER learner_spoke AFTER UPDATE OF state, lang ON learner
WHEN OLD.state <> NEW.state OR OLD.lang <> NEW.lang BEGIN
    UPDATE tally SET n = n - (OLD.state = 'active')
        WHERE id = CASE OLD.lang WHEN 'ru' THEN 7 ELSE 8 END;
    UPDATE tally SET n = n + (NEW.state = 'active')
        WHERE id = CASE NEW.lang WHEN 'ru' THEN 7 ELSE 8 END;
END;
CREATE TRIGGER learner_was_here AFTER UPDATE OF seen_ms ON learner
WHEN OLD.seen_ms / 86400000 <> NEW.seen_ms / 86400000 BEGIN
    UPDATE desk_day SET seen = seen - 1 WHERE day = OLD.seen_ms / 86400000;
    INSERT INTO desk_day (day, seen) VALUES (NEW.seen_ms / 86400000, 1)
        ON CONFLICT (day) DO UPDATE SET seen = seen + 1;
END;
CREATE TRIGGER review_came AFTER INSERT ON review BEGIN
    INSERT INTO desk_day (day, answers) VALUES (NEW.at_ms / 86400000, 1)
        ON CONFLICT (day) DO UPDATE SET answers = answers + 1;
END;
CREATE TRIGGER review_undone AFTER UPDATE OF undone_ms ON review
WHEN OLD.undone_ms IS NULL AND NEW.undone_ms IS NOT NULL BEGIN
    UPDATE desk_day SET answers = answers - 1 WHERE day = NEW.at_ms / 86400000;
END;
