-- 0005: what a person's habits need.

-- 1: every question of the morning comes at once, as a message of its own.
ALTER TABLE learner ADD COLUMN at_once INTEGER NOT NULL DEFAULT 0 CHECK (at_once IN (0, 1));
ALTER TABLE sitting ADD COLUMN at_once INTEGER NOT NULL DEFAULT 0 CHECK (at_once IN (0, 1));
ALTER TABLE sitting ADD COLUMN end_place INTEGER;  -- the place answered last; NULL: none yet, or the last one

-- The key points of an answer, ticked: bit 0 they were asked for, bits 1 to 7 the points.
ALTER TABLE delivery ADD COLUMN ticks INTEGER NOT NULL DEFAULT 0 CHECK (ticks BETWEEN 0 AND 255);

-- A report is of a quiz in a battle, of the entry with a reason, or of both.
ALTER TABLE report ADD COLUMN reason INTEGER NOT NULL DEFAULT 0 CHECK (reason BETWEEN 0 AND 5); -- enum report_reason; 0: none given
ALTER TABLE report ADD COLUMN in_battle INTEGER NOT NULL DEFAULT 1 CHECK (in_battle IN (0, 1));
CREATE INDEX report_reason ON report (question, reason) WHERE reason > 0;

-- A pause, and scheduled sittings that nobody answers. Two weeks of them and the person is
-- asked once whether to pause; then the bot is silent until they do something.
ALTER TABLE learner ADD COLUMN pause_until_day INTEGER;  -- the last study day of the pause, past ones too; NULL: there was none
ALTER TABLE learner ADD COLUMN ignored INTEGER NOT NULL DEFAULT 0 CHECK (ignored >= 0); -- days whose sitting came since they last did anything
ALTER TABLE learner ADD COLUMN ignored_first_day INTEGER; -- the first of those days
ALTER TABLE learner ADD COLUMN ignored_last_day INTEGER;  -- the last day that was counted, ever
ALTER TABLE learner ADD COLUMN asleep INTEGER NOT NULL DEFAULT 0 CHECK (asleep IN (0, 1)); -- 1: was asked, is silent
ALTER TABLE sitting ADD COLUMN excused INTEGER NOT NULL DEFAULT 0 CHECK (excused IN (0, 1)); -- 1: a pause began on its day

-- Freezes: a missed day uses one up instead of ending the streak. One is earned with every
-- seventh day kept in a row, 2 at most; streaks that run already have theirs.
ALTER TABLE learner ADD COLUMN freezes INTEGER NOT NULL DEFAULT 0 CHECK (freezes BETWEEN 0 AND 2);
UPDATE learner SET freezes = min(2, streak / 7);
ALTER TABLE learner ADD COLUMN told_day INTEGER;     -- the last frozen study day that the person was told of
CREATE TABLE streak_day_2 (
    learner INTEGER NOT NULL REFERENCES learner(id) ON DELETE CASCADE,
    day     INTEGER NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN ('kept', 'frozen', 'excused')),
    reviews INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (learner, day)
) STRICT, WITHOUT ROWID;
INSERT INTO streak_day_2 SELECT learner, day, kind, reviews FROM streak_day;
DROP TABLE streak_day;
ALTER TABLE streak_day_2 RENAME TO streak_day;

-- The evening reminder: minutes after local midnight; NULL: off.
ALTER TABLE learner ADD COLUMN remind_min INTEGER DEFAULT 1200 CHECK (remind_min BETWEEN 0 AND 1439);
ALTER TABLE learner ADD COLUMN reminded_day INTEGER; -- the study day of the last one

-- Who had everything about themselves sent as a file, and when: once an hour.
-- Without rowids: a key that parts two pages of a table outlives its row.
CREATE TABLE export (
    person INTEGER PRIMARY KEY,         -- Telegram user id
    at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX export_at ON export (at_ms);
