-- 0007: less to write a morning. A list of more than two words after IN is a table of its
-- own for SQLite, made anew each time a row is checked; so is one in the condition of an
-- index. The checks below say what they said, without a list. No row is touched, as SQLite's
-- documentation of ALTER TABLE allows for such a change.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    '(state IN (''planned'', ''open'', ''rated'', ''skipped'', ''known'', ''dropped''))',
    '(state = ''planned'' OR state = ''open'' OR state = ''rated'' OR state = ''skipped'''
    || ' OR state = ''known'' OR state = ''dropped'')')
    WHERE type = 'table' AND name = 'delivery';
UPDATE sqlite_schema SET sql = replace(sql,
    '(state IN (''open'', ''done'', ''closed'', ''failed''))',
    '(state = ''open'' OR state = ''done'' OR state = ''closed'' OR state = ''failed'')')
    WHERE type = 'table' AND name = 'sitting';
UPDATE sqlite_schema SET sql = replace(sql,
    '(state IN (''queued'', ''sending'', ''ambiguous''))',
    '(state = ''queued'' OR state = ''sending'' OR state = ''ambiguous'')')
    WHERE type = 'table' AND name = 'outbox';
PRAGMA writable_schema = RESET;

-- One index says both what was ever asked and what lies unanswered of late: few rows of a
-- question are of these days.
DROP INDEX delivery_lying;
DROP INDEX delivery_question;
CREATE INDEX delivery_question ON delivery (learner, question, day);
-- Four of a morning's five have no message yet.
DROP INDEX delivery_post;
CREATE INDEX delivery_post ON delivery (post) WHERE post IS NOT NULL;
-- Only what was asked for is ever looked up by it.
DROP INDEX sitting_newest;
CREATE INDEX sitting_newest ON sitting (learner, id) WHERE scheduled = 0;
-- Rows of one chat are few, and the state of one changes more often than it is asked for.
DROP INDEX outbox_queue;
CREATE INDEX outbox_queue ON outbox (chat);
