#!/usr/bin/python3
"""PROXY_URL against real proxies: tinyproxy (HTTP, plain and CONNECT) and microsocks (SOCKS5).

tests/chaos/proxies.py [--sobes FILE] [--telegram FILE] [--bank FILE] [--long] [NAME...]
The bot is in a network of its own (netbox.py) from which only the proxy's port and a name
server can be reached; whatever else it tries is counted and must be nothing, and no name but
the proxy's own may be asked for. The last line counts.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import time

from netbox import AIM_S, ITS, OURS, Relay, keep_promise, need, play, until
from operated import word

from bottle import Skipped, Tunnel, certificate

PATIENCE_S = 90
USER, PASSWORD, WRITTEN = "anna", "hunter2-sesame_x", "hunter2%2dsesame%5Fx"
API = "telegram.test"


class Proxy:
    """One of the two as a process; stop() and start() keep its port."""

    def __init__(self, box, kind, user, allowed=()):
        program = {"http": "tinyproxy", "socks5h": "microsocks"}[kind]
        if not shutil.which(program):
            raise Skipped("there is no %s here" % program)
        with socket.create_server((OURS, 0)) as s:
            self.port = s.getsockname()[1]
        self.kind, self.user, self.process = kind, user, None
        self.log = open(os.path.join(box.folder, "proxy.log"), "ab")
        if kind == "http":
            conf = os.path.join(box.folder, "tinyproxy.conf")
            with open(conf, "w", encoding="ascii") as f:
                f.write("Port %d\nListen %s\nTimeout 600\nMaxClients 100\nLogLevel Connect\n"
                        "Allow %s\n" % (self.port, OURS, ITS))
                f.writelines("ConnectPort %d\n" % port for port in allowed)
                f.write("BasicAuth %s %s\n" % (USER, PASSWORD) if user else "")
            self.command = [program, "-d", "-c", conf]
        else:
            self.command = [program, "-i", OURS, "-p", str(self.port)] + \
                (["-u", USER, "-P", PASSWORD] if user else [])
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log)
        until(self.listens, "the proxy listens")

    def listens(self):
        try:
            socket.create_connection((OURS, self.port), 1).close()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()

    def url(self, host=OURS, written=WRITTEN):
        user = "%s:%s@" % (USER, written) if self.user else ""
        return "%s://%s%s:%d" % (self.kind, user, host, self.port)


def nothing_told(box):
    said = box.sobes.said()
    for secret in PASSWORD, WRITTEN, "hunter2", "aHVudGVy", "YW5uYTpo":
        need(secret not in said, "the password is in the log")
    code, told = word(box.sobes, "check")
    need("through %s" % box.sobes.env["PROXY_URL"].split("://")[0] in told and code == 0,
         "sobes check says %d: %s" % (code, told))
    need("hunter2" not in told, "sobes check tells the password")
    if box.sobes.process.poll() is None:
        with open("/proc/%d/environ" % box.sobes.process.pid, "rb") as f:
            need(b"hunter2" not in f.read(), "the password is in the environment")


def behind(make, kind, user=True, tls=False, named=False):
    box = make(names=[API, "proxy.test"])
    scheme, port = "http", box.relay.port
    if tls:
        ca, pem = certificate(box.folder, "good", "DNS:" + API)
        box.inner = Relay(box.telegram.port, "127.0.0.1")
        box.tunnel = Tunnel(box.folder, pem, box.inner.port)
        box.relay = Relay(box.tunnel.port)
        box.also(box.tunnel.stop)
        scheme, port = "https", box.relay.port
        box.sobes.env["CA_FILE"] = ca
    proxy = Proxy(box, kind, user, [port])
    box.also(proxy.stop)
    box.allow_only(proxy.port)
    # What another program would believe of its environment says nothing here.
    box.sobes.env.update(API_URL="%s://%s:%d" % (scheme, API, port), no_proxy="*",
                         https_proxy="http://127.0.0.1:9", NO_PROXY=API,
                         PROXY_URL=proxy.url("proxy.test" if named else OURS))
    return box, proxy


def kept_out(box, named):
    need(box.strays() == 0, "%d packets went past the proxy" % box.strays())
    need(box.names.by_bot() <= ({"proxy.test"} if named else set()),
         "the bot asked for %s" % box.names.by_bot())


def served_through(make, kind, named=False, **more):
    box, _ = behind(make, kind, named=named, **more)
    box.sobes.start()
    box.onboard()
    box.telegram.press("Хорошо*")
    until(lambda: box.telegram.find("Отменить*"), "the rating is shown")
    nothing_told(box)
    kept_out(box, named)
    need(not named or box.names.by_bot() == {"proxy.test"}, "the proxy's name was not asked")
    need(box.relay.bytes > 0, "nothing came")
    need(box.sobes.stop() == 0, "SIGTERM does not end with 0")
    need(keep_promise(box.telegram, box.sobes).ratings == 1, "the rating is lost")
    kept_out(box, named)
    return "%d bytes came by the proxy, 0 packets past it, names asked here: %s" % (
        box.relay.bytes, ", ".join(sorted(box.names.by_bot())) or "none")


def plain_by_http_proxy(make, options):
    return served_through(make, "http", user=False)


def plain_by_http_proxy_with_a_user(make, options):
    return served_through(make, "http")


def tls_by_connect_with_a_user(make, options):
    return served_through(make, "http", tls=True, named=True)


def tls_by_socks5_with_a_user(make, options):
    return served_through(make, "socks5h", tls=True)


def plain_by_socks5_that_has_a_name(make, options):
    return served_through(make, "socks5h", user=False, named=True)


REFUSED = "the proxy does not accept the user and password of PROXY_URL"
# A proxy that answers a plain request before it has read it may close too soon for curl.
REFUSED_PLAINLY = REFUSED + "|through the proxy of PROXY_URL broke off|status=401"


def wrong_password(make, kind, tls, words=REFUSED):
    box, proxy = behind(make, kind, tls=tls)
    box.sobes.env["PROXY_URL"] = proxy.url(written="hunter2")
    box.sobes.start()
    until(lambda: re.search(words, box.sobes.said()), "the log says what is wrong")
    time.sleep(3)
    nothing_told(box)
    kept_out(box, False)
    need(box.relay.bytes == 0 and not box.telegram.ledger(), "Telegram was called")
    need(box.sobes.process.poll() is None, "the daemon has ended")
    need(box.sobes.stop() == 0, "SIGTERM does not end with 0")
    return "0 bytes came"


def a_wrong_password_for_connect(make, options):
    return wrong_password(make, "http", True)


def a_wrong_password_for_a_plain_proxy(make, options):
    return wrong_password(make, "http", False, REFUSED_PLAINLY)


def a_wrong_password_for_socks5(make, options):
    return wrong_password(make, "socks5h", True)


def dead_for(make, kind, seconds):
    """Dead at the start, back; then it dies while it serves, and comes back."""
    box, proxy = behind(make, kind, tls=True)
    proxy.stop()
    box.sobes.start()
    until(lambda: "the proxy of PROXY_URL cannot be reached" in box.sobes.said(),
          "the log says what is wrong")
    proxy.start()
    box.onboard()
    box.telegram.press("Хорошо*")
    until(lambda: box.telegram.find("Отменить*"), "the rating is shown")
    proxy.stop()
    box.telegram.say("/next")
    time.sleep(seconds)
    proxy.start()
    served = box.serves(PATIENCE_S)
    kept_out(box, False)
    nothing_told(box)
    box.telegram.quiet()
    need(box.sobes.stop() == 0, "SIGTERM does not end with 0")
    verdict = keep_promise(box.telegram, box.sobes, copies=1)
    need(verdict.ratings == 1, "the rating is lost")
    return "dead for %d s, serves %.1f s after that (aim %d), 0 packets past it" % (
        seconds, served, AIM_S)


def a_connect_proxy_that_dies_and_comes_back(make, options):
    return dead_for(make, "http", 10)


def a_socks5_proxy_that_dies_and_comes_back(make, options):
    return dead_for(make, "socks5h", 10)


def a_socks5_proxy_that_is_dead_for_2_minutes(make, options):
    return dead_for(make, "socks5h", 120)


def a_proxy_that_swallows_everything(make, options):
    """Reachable no more, without a word; then it is again."""
    box, proxy = behind(make, "socks5h", tls=True)
    box.sobes.start()
    box.onboard()
    box.nft("insert rule inet box from iifname w0 tcp dport %d drop" % proxy.port)
    box.telegram.press("Хорошо*")
    time.sleep(15)
    box.mend()
    box.allow_only(proxy.port)
    served = box.serves(PATIENCE_S)
    kept_out(box, False)
    box.telegram.quiet()
    need(box.sobes.stop() == 0, "SIGTERM does not end with 0")
    need(keep_promise(box.telegram, box.sobes, copies=1).ratings == 1, "the rating is lost")
    return "silent for 15 s, serves %.1f s after that (aim %d)" % (served, AIM_S)


def a_proxy_that_may_not_reach_the_host(make, options):
    """403 to CONNECT, and a SOCKS5 proxy that gets no connection: said, and waited for."""
    box, proxy = behind(make, "http", tls=True)
    box.relay = Relay(box.tunnel.port)  # a port that tinyproxy does not allow
    box.sobes.env["API_URL"] = "https://%s:%d" % (API, box.relay.port)
    box.sobes.start()
    words = "the proxy of PROXY_URL does not connect to the host of API_URL"
    until(lambda: words in box.sobes.said(), "the log says what is wrong")
    need(box.sobes.stop() == 0, "SIGTERM does not end with 0")
    need(box.relay.bytes == 0, "bytes came")
    socks = Proxy(box, "socks5h", False)
    box.also(socks.stop)
    box.mend()
    box.allow_only(socks.port)
    with socket.create_server((OURS, 0)) as s:
        nobody = s.getsockname()[1]
    box.sobes.env.update(PROXY_URL=socks.url(), API_URL="https://%s:%d" % (API, nobody))
    before = box.sobes.said().count(words)
    box.sobes.start()
    until(lambda: box.sobes.said().count(words) > before, "the log says what is wrong")
    need(box.sobes.stop() == 0, "SIGTERM does not end with 0")
    kept_out(box, False)
    return "0 bytes came"


def bad_settings_end_with_78(make, options):
    box = make()
    for url in ("ftp://%s:1", "%s:3128", "socks5h://anna:hunter2@%s", "http://%s:99999",
                "https://anna:hunter2@%s:1", "http://anna:hun@ter2@%s:1"):
        box.sobes.env["PROXY_URL"] = url % OURS
        mark = len(box.sobes.said())
        box.sobes.start()
        need(box.sobes.ends() == 78, "it ends with %s" % box.sobes.process.returncode)
        said = box.sobes.said()[mark:]
        need("PROXY_URL" in said and "hun" not in said and said.count("\n") == 1,
             "%s: %s" % (url, said))
    return "6 refused, the password in no word"


CHECKS = (plain_by_http_proxy_with_a_user, tls_by_connect_with_a_user,
          tls_by_socks5_with_a_user, plain_by_socks5_that_has_a_name,
          a_wrong_password_for_connect, a_wrong_password_for_a_plain_proxy,
          a_wrong_password_for_socks5, a_connect_proxy_that_dies_and_comes_back,
          a_socks5_proxy_that_dies_and_comes_back, a_proxy_that_may_not_reach_the_host,
          bad_settings_end_with_78)
LONGER = (plain_by_http_proxy, a_socks5_proxy_that_is_dead_for_2_minutes,
          a_proxy_that_swallows_everything)

if __name__ == "__main__":
    sys.exit(play(__doc__, CHECKS, LONGER))
