#!/usr/bin/python3
"""sobes-draw from outside: what it takes, what it refuses, and what is on the pictures.

usage: test_draw.py BUILD [--sanitized]

The program runs as the daemon starts it: nothing in its environment but FONTCONFIG_FILE.
Pictures are decoded here, pixel by pixel. The last line counts.
"""
import collections
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import time
import zlib

WIDTH, HEIGHT, MOST_BYTES = 1200, 675, 60000
LIMIT_S = 60
FAMILY = "\U0001F468\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466"
CODER = "\U0001F469\u200d\U0001F4BB"
FLAG = "\U0001F1F7\U0001F1FA"
ZALGO = "".join(c + "\u0300\u0338\u0316\u0489\u035b" * 4 for c in "Женя")
# Emoji that differ; and those of them that take the most bytes.
MANY = "".join(map(chr, [*range(0x1F32D, 0x1F37D), *range(0x1F400, 0x1F43F),
                         *range(0x1F950, 0x1F96F), *range(0x1F980, 0x1F9AD)]))
DEAREST = "🎆🎇🌄🌅🍈🌇🎑🍪🎊🚳🌼🌃🏯🎡🎉🌉🌆🐯🍥🍔🌚🚱🍻🌽🌁🚇🚉🌏🎳🚷🌝🚯🍝🐒🏁🚿🍭🌌🌍🌞🎏🎾🗽🎒"
NAMES = {
    "latin": "Anna", "cyrillic": "Фёдор Щукин", "greek": "Αννα", "arabic": "أحمد محمود",
    "hebrew and latin": "שלום Anna", "right to left forced": "\u202eannA\u2066x\u2069",
    "emoji": "\U0001F98A", "family": FAMILY * 3, "flags": FLAG * 30, "zalgo": ZALGO,
    "marks alone": "\u0301" * 80, "joiners alone": "\u200d" * 80, "empty": "", "spaces": "   ",
    "hangul fillers": "\u3164" * 20, "lines": "a\nb\r\nc\u2028d\u2029e\tf\x0b",
    "controls": "\x01\x02\x1b[31mred\x7f\x85", "after a zero": "a\x00b", "noncharacter": "\uffff",
    "private": "\ue000\U000f0000\uf8ff", "unassigned": "\u0378\U000e0fff", "chinese": "王小明",
    "half known": "王 Wang", "styled": "\U0001d4d0\U0001d4f7\U0001d4f7\U0001d4ea",
    "one wide letter": "\ufdfd" * 10, "wide": "W" * 256, "256 bytes": "Ж" * 128,
    "beyond 256 bytes": "Ж" * 300, "one cluster": "\u200d".join("\U0001F600" * 36),
    "markup": "<b>&amp;</b> %s %n {0}", "one long word": "Константинопольский" * 6,
}
passed, failed = 0, 0


def check(what, good, *more):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("FAIL", what, *more)


class Picture:
    """A PNG of palette colours, taken apart by the letter of its format."""

    def __init__(self, data):
        assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
        at, kinds, packed = 8, [], b""
        while at < len(data):
            size, kind = struct.unpack_from(">I4s", data, at)
            body = data[at + 8:at + 8 + size]
            crc, = struct.unpack_from(">I", data, at + 8 + size)
            assert crc == zlib.crc32(kind + body), "a wrong checksum"
            at += 12 + size
            kinds.append(kind)
            packed += body if kind == b"IDAT" else b""
            if kind == b"IHDR":
                assert struct.unpack(">2I5B", body) == (WIDTH, HEIGHT, 8, 3, 0, 0, 0), body
            if kind == b"PLTE":
                self.palette = list(zip(body[0::3], body[1::3], body[2::3]))
        assert at == len(data) and kinds[0] == b"IHDR" and kinds[-1] == b"IEND", kinds
        raw = zlib.decompress(packed)
        assert len(raw) == HEIGHT * (WIDTH + 1), len(raw)
        self.rows = [raw[y * (WIDTH + 1):(y + 1) * (WIDTH + 1)] for y in range(HEIGHT)]
        assert not any(row[0] for row in self.rows), "a filtered line"
        assert max(max(row) for row in self.rows) < len(self.palette), "beyond the palette"

    def pixels(self, left, top, right, bottom):
        return [self.palette[i] for row in self.rows[top:bottom]
                for i in row[1 + left:1 + right]]


def luminance(rgb):
    def linear(v):
        v /= 255
        return v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4
    return sum(w * linear(v) for w, v in zip((0.2126, 0.7152, 0.0722), rgb))


def contrast(pixels):
    """Of the ground, which is the commonest colour, and the ink, the farthest from it."""
    ground = luminance(collections.Counter(pixels).most_common(1)[0][0])
    return max((max(ground, l) + 0.05) / (min(ground, l) + 0.05)
               for l in map(luminance, set(pixels)))


def near(some, others, off):
    return all(abs(a - b) <= off for one, other in zip(some, others)
               for a, b in zip(one, other))


def bright_colour(rgb):
    return max(rgb) - min(rgb) > 110


def player(name="Anna", points="6 850", **more):
    return {"name": name, "points": points, **more}


def game(*players, **more):
    return {"drawing": "podium", "title": "Баттл · Django", "subtitle": "7 раундов",
            "players": list(players), **more}


class Program:
    def __init__(self, build, folder, sanitized):
        self.path = os.path.abspath(f"{build}/sobes-draw")
        self.fonts = os.path.abspath(f"{build}/fonts.conf")
        self.folder, self.more = folder, {}
        if sanitized:  # fontconfig and pango keep what they read; all else is ours
            rules = pathlib.Path(folder, "lsan.supp")
            rules.write_text("leak:libfontconfig\nleak:libpango\n")
            self.more = {"LSAN_OPTIONS": f"suppressions={rules}:print_suppressions=0",
                         "ASAN_OPTIONS": "fast_unwind_on_malloc=0"}

    def run(self, given, fonts=None, stdout=subprocess.PIPE):
        if not isinstance(given, bytes):
            given = json.dumps(given).encode()
        return subprocess.run([self.path], input=given, stdout=stdout, stderr=subprocess.PIPE,
                              env={"FONTCONFIG_FILE": fonts or self.fonts, **self.more},
                              cwd=self.folder, timeout=LIMIT_S)

    def picture(self, what, given, fonts=None):
        """The bytes and the picture, each checked; (b"", None) when there is none."""
        done = self.run(given, fonts)
        try:
            picture = Picture(done.stdout)
        except (AssertionError, struct.error, zlib.error, AttributeError) as trouble:
            check(what, False, trouble, done.returncode, done.stderr)
            return b"", None
        good = done.returncode == 0 and not done.stderr and len(done.stdout) <= MOST_BYTES
        check(what, good, done.returncode, done.stderr, len(done.stdout))
        return done.stdout, picture


def hostile_names(program):
    """Every name in each place it can have; what is around the names stays as it was."""
    frame = [(0, 0, 24, HEIGHT), (1176, 0, WIDTH, HEIGHT), (0, 132, WIDTH, 138),
             (40, 662, 1160, HEIGHT)]
    for n in 1, 3, 10:
        _, plain = program.picture(f"{n} plain", game(*[player(note="7 из 7")] * n))
        for what, name in NAMES.items():
            one = player(name, name if n == 3 else "1 234", note=name)
            _, got = program.picture(f"{n} x {what}", game(*[one] * n, title=name, subtitle=name))
            check(f"{n} x {what}: the frame", plain and got and
                  all(near(plain.pixels(*f), got.pixels(*f), 28) for f in frame))


NAME_OF_ONE = (380, 325, 820, 380)  # the name over the block of a single player


def what_is_seen(program):
    def seen(name, fonts=None):
        _, got = program.picture(f"seen: {name!r}", game(player(name)), fonts)
        return got.pixels(*NAME_OF_ONE) if got else []

    hole = seen("\uffff")
    check("a hole is drawn", len(set(hole)) > 1)
    shown = ["Anna", "Анна", "Фёдор", "Αννα", "أحمد", "שלום", "\U0001F98A", FAMILY, CODER, FLAG,
             "😀", "❤️", "Ж", "Ё", "«—»", "…", "№"]
    pictures = [tuple(seen(name)) for name in shown]
    check("different names, different pictures", len({*pictures, tuple(hole)}) == len(shown) + 1)
    for name in "王小明", "\ue0ff", "\u0378", "", " \u200d\u3164", "\u0301":
        check(f"{name!r} is a hole", near(seen(name), hole, 0))
    check("two holes are one", near(seen("王小"), hole, 0))
    check("styled letters are plain ones",
          near(seen("\U0001d4d0\U0001d4f7\U0001d4f7\U0001d4ea"), seen("Anna"), 0))
    check("letters are cut whole", near(seen("e\u0301" * 99), seen("\u00e9" * 99), 0))
    check("signs of direction are gone", near(seen("\u202eAnna\u202c"), seen("Anna"), 0))
    check("lines are one", near(seen("Anna\n\nK."), seen("Anna K."), 0))
    for name in "\U0001F98A", CODER, FLAG, "😀":
        count = sum(map(bright_colour, seen(name)))
        check(f"{name} has its colours", count > 150, count)
    check("letters have none", not any(map(bright_colour, seen("Анна"))))

    text = pathlib.Path(program.fonts).read_text()
    less = pathlib.Path(program.folder, "no_emoji.conf")
    less.write_text(text.replace("<glob>*/NotoColorEmoji.ttf</glob>", ""))
    check("without its font an emoji is a hole", near(seen("\U0001F98A", str(less)), hole, 8))


def legible(program):
    """The contrast of all that is text: measured, at the least 4.5 to 1."""
    _, got = program.picture("legible", game(*[player(note="7 из 7")] * 10))
    for what, place in {
            "title": (300, 25, 900, 80), "subtitle": (400, 90, 800, 130),
            "first": (270, 395, 460, 500), "second": (50, 470, 240, 575),
            "third": (490, 535, 690, 640), "name": (280, 335, 460, 375),
            "place in the list": (744, 155, 780, 210), "note in the list": (790, 186, 900, 208),
            "medal": (350, 262, 385, 300)}.items():
        value = contrast(got.pixels(*place)) if got else 0
        check(f"contrast of {what}", value >= 4.5, value)


def worst(program):
    """The most emoji that fit: fewer colours, and no emoji when that is not enough."""
    def dear(part):
        return game(*[player(part(i), part(i + 5), note=part(i + 9)) for i in range(10)],
                    title=part(3), subtitle=part(7))
    row = dear(lambda i: MANY[i * 17 % 150:][:60])
    data, got = program.picture("many emoji", row)
    check("they stay, in fewer colours", got and len(got.palette) < 256 and any(
        map(bright_colour, got.pixels(40, 25, 1160, 80))), got and len(got.palette))
    mixed = random.Random(1)
    _, got = program.picture("more of them", dear(lambda _: "".join(mixed.sample(DEAREST, 40))))
    check("they are gone", got and not any(map(bright_colour, got.pixels(40, 25, 1160, 80))),
          got and len(got.palette))
    cheap, _ = program.picture("an ordinary one", game(*[player()] * 3))
    check("an ordinary one is half of that", 0 < len(cheap) < len(data) / 2 + 8000)
    again, _ = program.picture("the same again", row)
    check("the same words, the same bytes", data and data == again)


def refused(program):
    anna = player()
    bad = {
        "nothing": b"", "no JSON": b"{", "a list": b"[]", "a text": b'"podium"', "null": b"null",
        "more behind it": json.dumps(game(anna)).encode() + b"x",
        "bad UTF-8": json.dumps(game(anna)).encode().replace(b"Anna", b"\xff\xfe"),
        "a surrogate": json.dumps(game(player("\ud800"))).encode(),
        "64 KB and a byte": json.dumps(game(anna)).encode().ljust(65537),
        "megabytes": b"[" * 3_000_000, "deep": b"[" * 5000 + b"]" * 5000,
        "no drawing": {"players": [anna]}, "an unknown one": game(anna, drawing="portrait"),
        "a drawing that is a number": game(anna, drawing=1), "no players": {
            "drawing": "podium", "title": "t"}, "nobody": game(), "eleven": game(*[anna] * 11),
        "players as an object": game(anna) | {"players": {"0": anna}},
        "players as text": game(anna) | {"players": "Anna"}, "a text player": game("Anna"),
        "a null player": game(anna, None), "a list player": game([]),
        "no name": game({"points": "1"}), "no points": game({"name": "SecretName"}),
        "a number as name": game(player(1)), "null as name": game(player(None)),
        "a number as points": game(player("SecretName", 5)), "no title": {
            "drawing": "podium", "players": [anna]},
        "a list as note": game(player("SecretName", note=[])), "null as note": game(
            player("SecretName", note=None)), "a number as title": game(anna, title=5),
        "an object as subtitle": game(player("SecretName"), subtitle={}),
    }
    for what, given in bad.items():
        done = program.run(given)
        check(f"refused: {what}", done.returncode == 1 and done.stdout == b"" and
              done.stderr.startswith(b"sobes-draw: ") and done.stderr.count(b"\n") == 1 and
              b"Secret" not in done.stderr, done.returncode, done.stdout[:20], done.stderr)
    program.picture("64 KB", json.dumps(game(anna)).encode().ljust(65536))
    program.picture("without what may miss", {"drawing": "podium", "title": "", "players": [anna]})


def surroundings(program):
    """Fonts, caches and outputs that are not as they should be."""
    text = pathlib.Path(program.fonts).read_text()
    folder = pathlib.Path(program.folder)
    none = folder / "no_fonts.conf"
    none.write_text(text.replace("/usr/share/fonts", "/nowhere"))
    done = program.run(game(player()), str(none))
    last = done.stderr.splitlines()[-1:]
    check("no fonts", done.returncode == 1 and not done.stdout and last and b"fonts" in last[0],
          done.returncode, done.stderr)

    cache, cold = folder / "cache", folder / "cold.conf"
    cold.write_text(text.replace("/var/cache/fontconfig", str(cache)))
    usual = program.run(game(player("Анна \U0001F98A"))).stdout
    done = program.run(game(player("Анна \U0001F98A")), str(cold))
    check("a cold cache changes nothing", done.returncode == 0 and done.stdout == usual)
    check("and nothing is written", not [f for f in cache.rglob("*")
                                         if f.is_file() and f.stat().st_size])

    path = folder / "picture.png"
    with path.open("wb") as out:
        done = program.run(game(player("Анна \U0001F98A")), stdout=out)
    check("into a file", done.returncode == 0 and path.read_bytes() == usual)
    with open("/dev/full", "wb") as full:
        done = program.run(game(player()), stdout=full)
    check("no room for the picture", done.returncode == 1 and done.stderr.count(b"\n") == 1)
    reader, writer = os.pipe()
    os.close(reader)
    done = program.run(game(player()), stdout=writer)
    os.close(writer)
    check("nobody wants the picture", done.returncode == 1, done.returncode)


def powers(program, sanitized):
    """What the program gave up before it read a byte, as the system sees it."""
    want = {"Max cpu time": "5", "Max open files": "16", "Max file size": "0",
            "Max core file size": "0"}
    if not sanitized:
        want["Max address space"] = str(256 << 20)
    child = subprocess.Popen([program.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE,
                             env={"FONTCONFIG_FILE": program.fonts, **program.more})
    proc, until = pathlib.Path(f"/proc/{child.pid}"), time.monotonic() + LIMIT_S
    while "NoNewPrivs:\t1" not in (proc / "status").read_text() and time.monotonic() < until:
        time.sleep(0.02)
    check("no new privileges", "NoNewPrivs:\t1" in (proc / "status").read_text())
    limits = (proc / "limits").read_text()
    for what, most in want.items():
        found = [line[25:].split()[:2] for line in limits.splitlines()
                 if line.startswith(what.ljust(25))]
        check(what, found == [[most, most]], found)
    out, _ = child.communicate(json.dumps(game(player())).encode(), timeout=LIMIT_S)
    check("it draws after that", child.returncode == 0 and out)


def main():
    build, sanitized = sys.argv[1], "--sanitized" in sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="sobes-draw-") as folder:
        program = Program(build, folder, sanitized)
        refused(program)
        surroundings(program)
        powers(program, sanitized)
        what_is_seen(program)
        legible(program)
        worst(program)
        hostile_names(program)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
