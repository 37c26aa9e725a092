"""For e2e.py: the file that /export sends, as Telegram has it, against the database."""
import contextlib
import datetime
import json
import re
import sqlite3
import time
import urllib.request

from bottle import ANNA, keep_promise, need, until

BORIS = 7000000077
CLUB = -1001234567890
# What the file leaves out, and why: keys of buttons; what the outbox holds for machines; how
# far a broadcast has come, which is the id of another person.
WITHHELD = {"delivery": {"token"}, "battle": {"token"}, "farewell": {"token"},
            "outbox": {"picture", "told"}, "broadcast": {"token", "after"}}
TEXTS = {"chat", "club", "subject", "cause"}
SPANS = {"spent_ms", "limit_ms"}
# Rows that come and go with the sending of the file itself.
MOVING = {"outbox", "lane"}
# Of both, what they would have after an evening in a group and a fault.
ROWS = (
    "INSERT OR IGNORE INTO club (id, token, lang, zone) VALUES (-1001234567890, 1, 'ru', 'Etc/UTC')",
    "INSERT INTO player VALUES (-1001234567890, {p}, 'Имя {p}', 1795330700123)",
    "INSERT INTO board VALUES (-1001234567890, 3, 0, {p}, 500, 1, 1)",
    "INSERT INTO board VALUES (-1001234567890, 1, 20490, {p}, 400, 1, 1)",
    "INSERT INTO battle (id, token, chat, opener, lang, rounds, speed, bonus, state, due_ms, over_ms)"
    " VALUES ({n}, 900719925474099{n}, -1001234567890, {p}, 'ru', 7, 1, 1, 3, 0, 1795330700000)",
    "INSERT INTO round (id, battle, chat, number, question, level, options, right_one, state,"
    " opened_ms, limit_ms) VALUES ({n}, {n}, -1001234567890, 1,"
    " (SELECT min(question) FROM delivery), 1, 123, 0, 2, 1795330600000, 20000)",
    "INSERT INTO round (id, chat, number, question, level, options, right_one, state, limit_ms)"
    " VALUES (1{n}, {p}, 1, 999999, 1, 123, 0, 3, 20000)",
    "INSERT INTO seat (battle, person, points) VALUES ({n}, {p}, 7)",
    "INSERT INTO vote VALUES ({n}, {p}, 1, 512, 9007199254740995, 0, 7)",
    "INSERT INTO skip VALUES ({n}, {p})",
    "INSERT INTO report VALUES (1, {p}, 1795330700000, 3, 0)",
    "INSERT INTO early_vote VALUES ('poll{n}', {p}, 'Имя {p}', 1, 1, 1795330700000)",
    "INSERT INTO club_admin VALUES (-1001234567890, {p}, 1795330700000)",
    "INSERT INTO dead VALUES (NULL, 'sitting', {p}, '{{}}', 'crashed', 1795330700000)",
    "INSERT INTO dead VALUES (NULL, 'update', 7, '{{\"user\":{p}}}', 'crashed', 1795330700000)",
    "INSERT INTO dead VALUES (NULL, 'update', 8, '{{\"user\":{p}5}}', 'crashed', 1795330700000)",
    "INSERT INTO broadcast (token, operator, text_ru, until_ms, after)"
    " VALUES (90071992547408{n}, {p}, 'Новости', 1795330700000, 7000000077)",
    "INSERT INTO farewell VALUES ({p}, 90071992547409{n}, 9000000000000)",
)


def listed():
    """table -> (the column that says whose a row is, the list's name in the file)."""
    with open("bot/talk/kept.c", encoding="utf-8") as f:
        who = dict(re.findall(r'\{KEPT_[A-Z_]+, "(\w+)", "(\w+)"', f.read()))
    with open("db/export.c", encoding="utf-8") as f:
        names = dict((table, name) for name, table in
                     re.findall(r'^ +\{"(\w+)", "(\w+)", "', f.read(), re.M))
    need(len(who) > 20 and who.keys() <= names.keys(), "lists without a name: %s"
         % (who.keys() - names.keys()))
    return {table: (who[table], names[table]) for table in who}


def instant(ms):
    if not ms or ms < 0:
        return None
    at = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (ms % 1000)


def as_told(table, column, value, codes):
    """(name in the file, value there) of a value in the database."""
    if value is None:
        return (column[:-3] + "_at").replace("at_at", "at") if column.endswith("_ms") and \
            column not in SPANS else column, None
    if column == "question":
        return column, codes.get(value, str(value))
    if column.endswith("_ms") and column not in SPANS:
        return "at" if column == "at_ms" else column[:-3] + "_at", instant(value)
    if table == "board" and column == "from_day" and value == 0:
        return column, None
    if column == "day" or column.endswith("_day"):
        return column, str(datetime.date(1970, 1, 1) + datetime.timedelta(value))
    if column.endswith("_min"):
        return column, "%02d:%02d" % divmod(value, 60)
    if column in TEXTS or isinstance(value, int) and abs(value) > 2 ** 53 - 1:
        return column, str(value)
    return column, value


def told_row(table, row, who, codes):
    left_out = WITHHELD.get(table, set()) | ({who} - TEXTS if who != "chat" else {who})
    return dict(as_told(table, c, row[c], codes) for c in row.keys() if c not in left_out)


def hers(db, table, who, person):
    """Her rows, also those that another column makes hers."""
    more = {"alarm": " OR (kind = 'battle' AND subject IN (SELECT id FROM battle WHERE chat = ?1))",
            "dead": " OR json_extract(summary, '$.user') = ?1"}.get(table, "")
    return db.execute("SELECT * FROM %s WHERE %s = ?1%s" % (table, who, more), (person,)).fetchall()


def sorted_rows(rows):
    return sorted(json.dumps(r, sort_keys=True, ensure_ascii=False) for r in rows)


def compare(file, db, codes):
    """How many rows were compared, of how many tables that have some."""
    rows = tables = 0
    for table, (who, name) in listed().items():
        if table in MOVING:
            continue
        want = sorted_rows(told_row(table, r, who, codes) for r in hers(db, table, who, ANNA))
        got = file[name]
        if table == "vote":
            need(all("question" in r for r in got), "votes without their questions")
            got = [{k: v for k, v in r.items() if k != "question"} for r in got]
        if table == "post":  # that of the file had no number yet, later ones are not in it
            own = file["to_be_said"][0]["post"]
            got = [r for r in got if r["id"] < own]
            want = [w for w in want if json.loads(w)["id"] < own]
        got = sorted_rows(got)
        need(got == want, "%s: the file has %s, the database %s"
             % (table, [r for r in got if r not in want][:2], [r for r in want if r not in got][:2]))
        rows += len(want)
        tables += bool(want)
    return rows, tables


def nothing_of_others(text, db):
    need("7000000077" not in text and "Имя 7000000077" not in text, "another person is in it")
    need(not re.search(r'"(body|told|data|picture)":"[^"]*\b[dxb]\.', text), "a button's key is in it")
    for table in ("delivery", "battle", "farewell"):
        for (token,) in db.execute("SELECT token FROM %s" % table):
            need(str(token) not in text and "%016x" % (token % 2 ** 64) not in text,
                 "a token of %s is in it" % table)


def fetched(telegram, message):
    doc = message["document"]
    with urllib.request.urlopen(telegram.url + doc["url"], timeout=10) as answer:
        data = answer.read()
    need(len(data) == doc["size"], "%d bytes of %d" % (len(data), doc["size"]))
    need(doc["mime"] == "application/json", "its type: %s" % doc["mime"])
    return doc["name"], data.decode("utf-8")


def documents(telegram, person=ANNA):
    return [m for m in telegram.messages(person) if "document" in m]


def moscow_day():
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 3600))


def learn(telegram, person):
    telegram.say("/start", person)
    telegram.press("Поехали*", person)
    telegram.press("Показать ответ", person)
    telegram.press("Хорошо*", person)
    until(lambda: telegram.find("Отменить*", person), "the rating is shown")


def the_file_is_all_that_is_kept_of_one(telegram, sobes, options):
    sobes.start()
    telegram.control("person", id=BORIS, name="Борис", lang="ru")
    for person in ANNA, BORIS:
        learn(telegram, person)
    telegram.say("/export", BORIS)
    until(lambda: documents(telegram, BORIS), "another's file comes")
    telegram.quiet()
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    keep_promise(telegram, sobes)
    with contextlib.closing(sqlite3.connect(sobes.db)) as db:
        for n, person in enumerate((ANNA, BORIS), 1):
            for sql in ROWS:
                db.execute(sql.format(p=person, n=n))
        db.commit()
    sobes.start()
    days = [moscow_day()]
    telegram.say("/export")
    message = until(lambda: documents(telegram), "the file comes")[0]
    days.append(moscow_day())
    name, text = fetched(telegram, message)
    need(name in ["sobes-%s.json" % day for day in days], "its name: %s" % name)
    telegram.say("/export")
    until(lambda: "Следующий — через" in telegram.messages()[0]["text"], "not twice within the hour")
    need(len(documents(telegram)) == 1, "there are two files")
    need(sobes.stop() == 0, "SIGTERM does not end with 0")
    file = json.loads(text)
    need(file["person"] == str(ANNA) and file["cut"] == [], "its head: %s" % file["person"])
    need([r["method"] for r in file["to_be_said"]] == ["sendDocument"], "what waits for her")
    with contextlib.closing(sqlite3.connect(options.bank)) as bank:
        codes = dict(bank.execute("SELECT num, id FROM question"))
    with contextlib.closing(sqlite3.connect(sobes.db)) as db:
        db.row_factory = sqlite3.Row
        rows, tables = compare(file, db, codes)
        nothing_of_others(text, db)
    need(tables >= 20, "only %d tables have rows" % tables)
    need(file["cards"][0]["question"] in codes.values(), "cards: %s" % file["cards"])
    return "%d rows of %d tables, %d bytes" % (rows, tables, len(text.encode()))


EXPORTED = (the_file_is_all_that_is_kept_of_one,)
