-- 0003: what an operator asks for, without counting: numbers kept by triggers, and when
-- that which waits to be said was due. The conventions of 0001 hold.

-- When a row of the outbox was wanted: its alarm's time, the arrival of its update. 0: not
-- known.
ALTER TABLE outbox ADD COLUMN due_ms INTEGER NOT NULL DEFAULT 0;

-- 0, 1: rows of the outbox by class, in whatever state. 2, 3, 4: people who are active,
-- stopped, blocked. 5: battles that run. Whoever makes one of these tables anew makes its
-- triggers anew.
CREATE TABLE tally (
    id INTEGER PRIMARY KEY,
    n  INTEGER NOT NULL
) STRICT;
INSERT INTO tally (id, n) VALUES
    (0, (SELECT count(*) FROM outbox WHERE class = 0)),
    (1, (SELECT count(*) FROM outbox WHERE class = 1)),
    (2, (SELECT count(*) FROM learner WHERE state = 'active')),
    (3, (SELECT count(*) FROM learner WHERE state = 'stopped')),
    (4, (SELECT count(*) FROM learner WHERE state = 'blocked')),
    (5, (SELECT count(*) FROM battle WHERE state <> 3));

CREATE TRIGGER outbox_came AFTER INSERT ON outbox BEGIN
    UPDATE tally SET n = n + 1 WHERE id = NEW.class;
END;
CREATE TRIGGER outbox_went AFTER DELETE ON outbox BEGIN
    UPDATE tally SET n = n - 1 WHERE id = OLD.class;
END;
CREATE TRIGGER learner_came AFTER INSERT ON learner BEGIN
    UPDATE tally SET n = n + 1
        WHERE id = CASE NEW.state WHEN 'active' THEN 2 WHEN 'stopped' THEN 3 ELSE 4 END;
END;
CREATE TRIGGER learner_went AFTER DELETE ON learner BEGIN
    UPDATE tally SET n = n - 1
        WHERE id = CASE OLD.state WHEN 'active' THEN 2 WHEN 'stopped' THEN 3 ELSE 4 END;
END;
CREATE TRIGGER learner_turned AFTER UPDATE OF state ON learner
WHEN OLD.state <> NEW.state BEGIN
    UPDATE tally SET n = n - 1
        WHERE id = CASE OLD.state WHEN 'active' THEN 2 WHEN 'stopped' THEN 3 ELSE 4 END;
    UPDATE tally SET n = n + 1
        WHERE id = CASE NEW.state WHEN 'active' THEN 2 WHEN 'stopped' THEN 3 ELSE 4 END;
END;
CREATE TRIGGER battle_came AFTER INSERT ON battle WHEN NEW.state <> 3 BEGIN
    UPDATE tally SET n = n + 1 WHERE id = 5;
END;
CREATE TRIGGER battle_went AFTER DELETE ON battle WHEN OLD.state <> 3 BEGIN
    UPDATE tally SET n = n - 1 WHERE id = 5;
END;
CREATE TRIGGER battle_turned AFTER UPDATE OF state ON battle
WHEN (OLD.state <> 3) <> (NEW.state <> 3) BEGIN
    UPDATE tally SET n = n + (NEW.state <> 3) - (OLD.state <> 3) WHERE id = 5;
END;
