-- 0004: what is needed to forget people: when they were here last, what they were asked
-- before everything of theirs is erased, and the ways to their rows. The conventions of
-- 0001 hold. Who is known already counts as seen now.
ALTER TABLE learner ADD COLUMN seen_ms INTEGER NOT NULL DEFAULT 0; -- to the day
UPDATE learner SET seen_ms = coalesce((SELECT value FROM meta WHERE key = 'alive_ms'), 0);
CREATE INDEX learner_gone ON learner (seen_ms) WHERE state <> 'active';

-- Somebody said /forget and has not said yet that they mean it.
CREATE TABLE farewell (
    person   INTEGER PRIMARY KEY,
    token    INTEGER NOT NULL,          -- of the button; random
    until_ms INTEGER NOT NULL           -- the button works so long
) STRICT;
CREATE INDEX farewell_until ON farewell (until_ms);

CREATE INDEX club_admin_person ON club_admin (person);
CREATE INDEX battle_opener ON battle (opener);
CREATE INDEX skip_person ON skip (person);
CREATE INDEX early_vote_person ON early_vote (person);
CREATE INDEX report_person ON report (person);
