#!/usr/bin/python3
"""The token is nowhere: not a piece of its secret half, as text or in base64, in anything
that the bot leaves, shows or says. The same holds for a proxy's password.

tests/chaos/secrets.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--long] [NAME...]
Looked through: the log at every LOG_LEVEL under traffic, errors of every kind, a proxy and a
crash; /proc/PID/cmdline and environ; the command line and the environment of every child;
the database, its log and its backups; /healthz and /metrics; what `sobes check`, health,
backup, verify and restore print; the words of refused settings. A crash leaves no core, and
who is not root may not look into the process. The last line counts.
"""
import base64
import collections
import concurrent.futures
import http.client
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import operated  # noqa: E402
from battle_of_three import three_play_a_battle  # noqa: E402
from bottle import TOKEN, Failed, Skipped, arguments, need, run, until  # noqa: E402
from e2e import onboard  # noqa: E402

SECRET = TOKEN.split(":")[1]
PASSWORD = "Vq7xL2mZc9Rt4Kw8"
PIECE = 8
NOBODY = 65534
LEVELS = ("debug", "info", "warn", "error")
FAULTS = ("500", "html", "refuse", "reset", "half", "swallow", "lost", "400", "403",
          "429 retry_after=1")


def pieces(text, length=PIECE):
    return {text[i:i + length].encode() for i in range(len(text) - length + 1)}


def needles():
    found = pieces(SECRET) | pieces(PASSWORD)
    for whole in TOKEN, SECRET, "anna:" + PASSWORD:
        for shift in range(3):  # base64 of it at any place of a longer text
            coded = base64.b64encode(b"-" * shift + whole.encode()).decode()
            found |= pieces(coded[8:-4], 12)
    return re.compile(b"|".join(re.escape(n) for n in sorted(found)))


NEEDLES = needles()


class Search:
    def __init__(self):
        self.places, self.bytes = 0, 0

    def look(self, name, data):
        data = data.encode() if isinstance(data, str) else data
        found = NEEDLES.search(data)
        need(not found, "a piece of a secret is in %s: %s" % (
            name, data[max(0, found.start() - 60):found.start()] if found else ""))
        self.places += 1
        self.bytes += len(data)

    def folder(self, sobes, *but):
        for folder, _, names in os.walk(sobes.folder):
            for name in names:
                path = os.path.join(folder, name)
                if path not in but and os.path.isfile(path):
                    with open(path, "rb") as f:
                        self.look(os.path.relpath(path, sobes.folder), f.read())

    def process(self, pid):
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            self.look("cmdline of the process", f.read())
        try:
            with open("/proc/%d/environ" % pid, "rb") as f:
                self.look("environ of the process", f.read())
        except PermissionError:  # which is better still
            need(os.geteuid() != 0, "root cannot read the environment")

    def children(self, sobes, trace):
        """Of strace's execve lines all but the daemon's own starts."""
        names = collections.Counter()
        with open(trace, "rb") as f:
            for line in f:
                found = re.search(rb'execve\("([^"]*)", \["([^"]*)"(, "verify")?', line)
                if not found or found.group(1).decode() == sobes.program:
                    continue
                self.look("the start of a child", line)
                names[os.path.basename(found.group(2).decode()) +
                      (" verify" if found.group(3) else "")] += 1
        return names

    def told(self):
        return "%d places, %d KB" % (self.places, self.bytes // 1024)


def traced(sobes):
    if os.geteuid() != 0:
        raise Skipped("only root can see the starts of its children")
    if not shutil.which("strace"):
        raise Skipped("there is no strace here")
    path = os.path.join(os.path.dirname(sobes.folder), os.path.basename(sobes.folder) + ".exec")
    sobes.around = ["strace", "-D", "-f", "-A", "--seccomp-bpf", "-qq", "-v", "-s", "65536",
                    "-e", "trace=execve", "-e", "signal=none", "-o", path]
    return path


def given(sobes, way):
    """The token comes to the bot in one of its four ways; gives the file that holds it."""
    if way == "environment":
        return ""
    token = sobes.env.pop("BOT_TOKEN")
    if way == ".env":
        path = os.path.join(sobes.folder, ".env")
        with open(path, "w", encoding="ascii") as f:
            f.write("BOT_TOKEN=%s\n" % token)
        return path
    folder = os.path.join(sobes.folder, "given")
    os.mkdir(folder)
    path = os.path.join(folder, "bot-token")
    with open(path, "w", encoding="ascii") as f:
        f.write(token + "\n")
    sobes.env["BOT_TOKEN_FILE" if way == "file" else "CREDENTIALS_DIRECTORY"] = \
        path if way == "file" else folder
    return path


def proxied(sobes):
    """By a SOCKS5 proxy that wants the password, where there is one."""
    if not shutil.which("microsocks"):
        return None
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    proxy = subprocess.Popen(["microsocks", "-i", "127.0.0.1", "-p", str(port), "-u", "anna",
                              "-P", PASSWORD], stderr=subprocess.DEVNULL)
    sobes.env["PROXY_URL"] = "socks5h://anna:%s@127.0.0.1:%d" % (PASSWORD, port)

    def listens():
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False
    until(listens, "the proxy listens")
    return proxy


def asked(search, sobes):
    host, port = operated.address(sobes)
    for path in "/healthz", "/metrics", "/", "/bot/getMe":
        link = http.client.HTTPConnection(host, port, timeout=10)
        link.request("GET", path)
        answer = link.getresponse()
        search.look(path, str(answer.getheaders()).encode() + answer.read())
        link.close()


def words(search, sobes, *lists, **env):
    codes = []
    for given_words in lists:
        ran = subprocess.run([os.path.abspath(sobes.options.sobes), *given_words],
                             env={**sobes.env, **env}, cwd=sobes.folder, timeout=60,
                             stdin=subprocess.DEVNULL, capture_output=True)
        search.look("what `sobes %s` prints" % " ".join(given_words[:1]),
                    ran.stdout + ran.stderr)
        codes.append(ran.returncode)
    return codes


def crashed(search, sobes):
    """SIGABRT and not a way to catch it; the kernel tells whether it wrote a core."""
    pid = sobes.process.pid
    sobes.process.send_signal(signal.SIGABRT)
    _, status = os.waitpid(pid, 0)
    sobes.process.returncode = -os.WTERMSIG(status)
    need(os.WTERMSIG(status) == signal.SIGABRT, "it did not die of SIGABRT")
    need(not os.WCOREDUMP(status), "the kernel wrote a core")
    need(not [n for n in os.listdir(sobes.folder) if n.startswith("core")], "a core is left")


def backup(sobes):
    before = sobes.said().count("backup")
    sobes.process.send_signal(signal.SIGUSR1)
    folder = os.path.join(sobes.folder, "data", "backup")
    until(lambda: os.path.isdir(folder) and any(n.endswith("Z.db") for n in
                                                os.listdir(folder)), "a backup", 20)
    need(sobes.said().count("backup") >= before, "the log has shrunk")
    return os.path.join(folder, next(n for n in os.listdir(folder) if n.endswith("Z.db")))


def traffic(telegram, sobes, level, way, proxy=None):
    search, holds = Search(), given(sobes, way)
    sobes.env.update(LOG_LEVEL=level, HEALTH_ADDR="127.0.0.1:0")
    if level in ("warn", "error"):  # such a log does not name the port
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        sobes.env["HEALTH_ADDR"] = "127.0.0.1:%d" % port
    sobes.start()
    telegram.say("/start")
    telegram.press("Поехали*")
    telegram.press("Показать ответ")
    for fault in FAULTS:
        for method in "sendMessage", "answerCallbackQuery":
            telegram.control("fail", method=method, words=fault)
        telegram.say("/help")
        found = telegram.find("Хорошо*")
        if found:
            telegram.press_any(*found)
        time.sleep(0.25)
    search.process(sobes.process.pid)
    made = backup(sobes)
    sobes.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    if "health: addr=" in sobes.said():
        asked(search, sobes)
    else:
        for path in "/healthz", "/metrics":
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            link.request("GET", path)
            search.look(path, link.getresponse().read())
            link.close()
    words(search, sobes, ["check"], ["health"], ["verify", made], [])
    if proxy:
        proxy.kill()
        proxy.wait()
    telegram.stop()  # a server that is gone: refused connections
    time.sleep(3)
    search.folder(sobes, holds)
    crashed(search, sobes)
    codes = words(search, sobes, ["backup"], ["verify", made], ["restore", made], ["check"],
                  ["verify", holds or os.path.join(sobes.folder, "log")])
    need(codes[:3] == [0, 0, 0] and codes[4] == 74, "exit codes %s" % codes)
    search.folder(sobes, holds)
    with open(os.path.join(sobes.folder, "log"), "rb") as f:
        log = f.read()
    need(level == "error" or b"warn " in log, "the log tells of no trouble")
    return "token by %s, %s" % (way, search.told())


def log_at_debug(telegram, sobes, options):
    proxy = proxied(sobes)
    try:
        return traffic(telegram, sobes, "debug", "environment", proxy) + \
            ("; proxy with a password" if proxy else "; no microsocks here")
    finally:
        if proxy:
            proxy.kill()
            proxy.wait()


def log_at_info(telegram, sobes, options):
    return traffic(telegram, sobes, "info", ".env")


def log_at_warn(telegram, sobes, options):
    return traffic(telegram, sobes, "warn", "file")


def log_at_error(telegram, sobes, options):
    return traffic(telegram, sobes, "error", "credential")


def children_know_nothing(telegram, sobes, options):
    """sobes-draw of a battle and `sobes verify` of a backup."""
    trace, search = traced(sobes), Search()
    proxy = proxied(sobes)
    try:
        three_play_a_battle(telegram, sobes, options)
        sobes.start()
        until(sobes.has_started, "it has started")
        backup(sobes)
        need(sobes.stop() == 0, "SIGTERM does not end with 0")
        names = search.children(sobes, trace)
        need(names["sobes verify"] and names["sobes-draw"], "these were seen: %s" % names)
        search.folder(sobes)
        return "%s; %s" % (", ".join("%d %s" % (n, name) for name, n in names.items()),
                           search.told())
    finally:
        if proxy:
            proxy.kill()
            proxy.wait()
        if os.path.exists(trace):
            os.unlink(trace)


def nobody_looks_into_it(telegram, sobes, options):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skipped("only root can be somebody else")
    for path in sobes.program, sobes.env["BANK_PATH"]:
        shutil.copy(path, sobes.folder)
    sobes.program = os.path.join(sobes.folder, os.path.basename(sobes.program))
    sobes.env["BANK_PATH"] = os.path.join(sobes.folder, os.path.basename(sobes.env["BANK_PATH"]))
    for path in [sobes.folder] + [os.path.join(sobes.folder, n) for n in
                                  os.listdir(sobes.folder)]:
        os.chown(path, NOBODY, NOBODY)
    sobes.around = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY),
                    "--clear-groups"]
    for command, dumps in (["sh", "-c", "kill -ABRT $$"], True), (None, False):
        if command:  # the same user in the same folder, so that a core would be seen
            other = subprocess.Popen([*sobes.around, *command], cwd=sobes.folder)
            _, status = os.waitpid(other.pid, 0)
            other.returncode = 0
            if not os.WCOREDUMP(status):
                raise Skipped("this machine writes no cores")
            for n in os.listdir(sobes.folder):
                if n.startswith("core"):
                    os.unlink(os.path.join(sobes.folder, n))
            continue
        onboard(telegram, sobes)
        pid = sobes.process.pid
        sleeper = subprocess.Popen([*sobes.around, "sleep", "60"])
        try:
            time.sleep(0.3)
            for who, can in (sleeper.pid, True), (pid, False):
                for name in "environ", "maps", "mem":
                    ran = subprocess.run([*sobes.around, "head", "-c", "0",
                                          "/proc/%d/%s" % (who, name)],
                                         stderr=subprocess.DEVNULL)
                    need((ran.returncode == 0) == can, "%s of %s can%s be opened" % (
                        name, "sleep" if can else "the bot", "not" if can else ""))
        finally:
            sleeper.kill()
            sleeper.wait()
        with open("/proc/%d/limits" % pid, encoding="ascii") as f:
            need(re.search(r"Max core file size +0 +0 ", f.read()), "cores have room")
        search = Search()
        crashed(search, sobes)
        search.folder(sobes)
    return "the same user gets environ, maps, mem of sleep and not of the bot; a core of sh " \
        "and not of the bot; %s" % search.told()


def refused_settings_tell_nothing(telegram, sobes, options):
    search = Search()
    mine = {"BOT_TOKEN": ""}
    wrong = [{"BOT_TOKEN": TOKEN + "!"}, {"BOT_TOKEN": SECRET}, {"BOT_TOKEN": TOKEN[:30]},
             {"BOT_TOKEN": TOKEN * 12}, {"LOG_LEVEL": TOKEN}, {"SENDS_PER_SEC": TOKEN},
             {"HEALTH_ADDR": TOKEN}, {"ADMIN_IDS": TOKEN}, {"API_URL": TOKEN},
             {"API_URL": "https://%s@api.example" % TOKEN},
             {"API_URL": "https://api.example/bot%s?" % TOKEN},
             {"PROXY_URL": TOKEN}, {"PROXY_URL": "socks5h://anna:%s@h" % PASSWORD},
             {"PROXY_URL": "http://%s@h:1/x" % PASSWORD}]
    for settings in wrong:
        codes = words(search, sobes, ["check"], ["run"], ["--has-token"], **settings)
        need(codes == [78] * 3, "exit codes %s of %s" % (codes, list(settings)))
    for text in ("BOT_TOKEN=%s\nBOT_TOKEN=%s\n", "BOTTOKEN=%s\n", "BOT_TOKN=%s%s\n",
                 "BOT_TOKEN='%s\n", "%s\n", "BOT_TOKEN %s\n", "LOG_LEVEL=%s\n",
                 "BOT_TOKEN=%s %s\n"):
        with open(os.path.join(sobes.folder, ".env"), "w", encoding="ascii") as f:
            f.write(text.replace("%s", TOKEN))
        codes = words(search, sobes, ["check"], ["run"], **mine)
        need(codes == [78] * 2, "exit codes %s of .env %s" % (codes, text))
    os.unlink(os.path.join(sobes.folder, ".env"))
    codes = words(search, sobes, [TOKEN], ["run", TOKEN], ["--token", TOKEN])
    need(codes == [64] * 3, "exit codes %s" % codes)
    code, = words(search, sobes, ["check"], API_URL="https://api.example/bot" + TOKEN,
                  PROXY_URL="http://anna:%s@h:1" % PASSWORD)
    need(code == 0, "exit code %s" % code)
    sobes.env["BOT_TOKEN"] = "110201543:B" + SECRET[1:]  # that one Telegram does not know
    code, = words(search, sobes, ["run"])
    need(code == 78, "exit code %s of a token that is refused" % code)
    return search.told()


CHECKS = (children_know_nothing, log_at_debug, log_at_info, log_at_warn, log_at_error,
          nobody_looks_into_it, refused_settings_tell_nothing)


def main():
    p = arguments(__doc__)
    p.add_argument("--long", action="store_true", help="the same: nothing here has a length")
    options = p.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    wanted = [c for c in CHECKS if not options.names or
              any(n.replace(" ", "_") in c.__name__ for n in options.names)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        ends = collections.Counter(pool.map(lambda c: run(c, options), wanted))
    print("%d passed, %d failed" % (ends["passed"], ends["failed"]) +
          (", %d skipped" % ends["skipped"] if ends["skipped"] else ""))
    return ends["failed"] > 0


if __name__ == "__main__":
    sys.exit(main())
