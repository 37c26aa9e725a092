"""A crowd that sends more than a bot can read: updates by the ten thousand, put into the
queue of the local Telegram. Imported by backlog.py and soak.py.
"""
import json
import random
import socket

from bottle import need

AT_ONCE = 200  # requests that are written before their answers are read
FIRST_PERSON = 8_000_000_000
NOBODYS = "0" * 16
COMMANDS = ("/help", "/stats", "/privacy", "/settings", "/topic", "/topic django", "/pause",
            "/next@sobes_bot", "/nothing", "/" + "x" * 80)
TEXTS = ("привет", "?" * 4000, "9:00", "Europe/Moscow", "📎", "<b>&amp;</b>", "0", "-1 33:99")
FORGED = ("d.", "d.0000000000000000.3", "d.ffffffffffffffff.u", "b.0000000000000000.j",
          "d.zzzz.1", "nothing.at.all", "\u202e.1", "x" * 64)


class Pipe:
    """Verbs by the hundred: written at once, then their answers are read."""

    def __init__(self, port):
        self.port = port
        self.link = socket.create_connection(("127.0.0.1", port), 60)
        self.file = self.link.makefile("rb")
        self.waiting = []

    def put(self, verb, **fields):
        body = json.dumps(fields).encode()
        self.waiting.append(b"POST /control/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                            b"Content-Length: %d\r\n\r\n%s" %
                            (verb.encode(), self.port, len(body), body))
        if len(self.waiting) >= AT_ONCE:
            self.flush()

    def flush(self):
        self.link.sendall(b"".join(self.waiting))
        for request in self.waiting:
            length = 0
            status = self.file.readline()
            while (line := self.file.readline().strip()):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            answer = self.file.read(length)
            need(b" 200 " in status and b'"ok":true' in answer.replace(b" ", b""),
                 "%s: %s" % (request[-300:], answer[:300]))
        self.waiting = []

    def close(self):
        self.flush()
        self.file.close()
        self.link.close()


class Crowd:
    """So many people who have a question before them, and what they could do next."""

    def __init__(self, telegram, first, count):
        self.telegram = telegram
        self.people = [first + i for i in range(count)]
        self.pipe = Pipe(telegram.port)
        self.shown = {}  # person: (message, token) of their question
        self.put = 0     # updates so far
        for person in self.people:
            self.pipe.put("person", id=person, name="Человек %d" % person, lang="ru")
        self.pipe.flush()

    def say(self, person, text):
        self.put += 1
        self.pipe.put("say", person=person, text=text)

    def press(self, person, message, data):
        self.put += 1
        self.pipe.put("press", person=person, message=message, data=data)

    def meet(self):
        for person in self.people:
            self.say(person, "/start")
        self.pipe.flush()

    def press_all(self, code, known):
        """Everybody presses that button of what the bot last said: `known` finds its data."""
        for person in self.people:
            for m in self.telegram.messages(person):
                data = next((b["data"] for b in sum(m["keyboard"], [])
                             if "data" in b and known(b["data"])), None)
                if data:
                    self.press(person, m["id"], data)
                    if code:
                        self.shown[person] = m["id"], data.split(".")[1]
                    break
        self.pipe.flush()

    def anything(self):
        """One update that changes no rating: a press of today's or nobody's, words."""
        person = random.choice(self.people)
        draw = random.random()
        message, token = self.shown.get(person, (1, NOBODYS))
        if draw < 0.35:
            self.press(person, message, "d.%s.%s" % (token, random.choice(("l", "p0", "p2"))))
        elif draw < 0.5:  # somebody else's
            self.press(person, message, "d.%s.3" % random.choice(
                [t for p, (_, t) in self.shown.items() if p != person] or [NOBODYS]))
        elif draw < 0.7:
            self.press(person, random.choice((message, 1, 2 ** 31 - 1)), random.choice(FORGED))
        elif draw < 0.85:
            self.say(person, random.choice(COMMANDS))
        else:
            self.say(person, random.choice(TEXTS))
