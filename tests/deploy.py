#!/usr/bin/python3
"""How Sobes is laid down and kept: the programs, `make install`, the unit, the package and
the container's files, each tried as far as this machine goes. The last line counts.

usage: deploy.py BUILD [NAME...]

What systemd would allow is compared with what the programs do: the system calls that
strace saw of the installed bot and of a drawing must be in the unit's filter.
"""
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import types

import yaml

from bottle import Failed, Skipped, Sobes, Telegram, need, until

BUILD = os.path.abspath(sys.argv[1])
NOBODY = 65532
LAID = {"bin/sobes", "bin/sobes-draw", "share/sobes/fonts.conf", "share/sobes/bank.db",
        "share/doc/sobes/.env.example", "share/doc/sobes/README.md",
        "lib/systemd/system/sobes.service"}
PODIUM = {"drawing": "podium", "title": "Battle", "subtitle": "7 rounds",
          "players": [{"name": "Anna \U0001F98A", "points": "6 850"}]}


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300, check=False, **more)
    words = done.stdout.decode(errors="replace")
    need(done.returncode == 0, "%s: exit %d\n%s" % (" ".join(command), done.returncode, words))
    return words


def program(name):
    if not shutil.which(name):
        raise Skipped("no %s here" % name)
    return name


def files(folder):
    return {str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*") if not p.is_dir()}


def make(target, **settings):
    # Not one of the make that may run this: its own settings only.
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return run("make", "-s", "--no-print-directory", "SAN=", "B=" + sys.argv[1], target,
               *("%s=%s" % s for s in settings.items()), env=env)


def the_programs_are_hardened(_):
    for name in "sobes", "sobes-draw":
        path = os.path.join(BUILD, name)
        head = run("readelf", "-Wh", "-l", "-d", path)
        names = run("readelf", "-W", "--dyn-syms", path)
        need(re.search(r"Type:\s+DYN", head), name + " moves in memory (PIE)")
        need("BIND_NOW" in head and "GNU_RELRO" in head, name + ": full RELRO")
        need(re.search(r"GNU_STACK .* RW +0x", head), name + ": its stack does not execute")
        need(not re.search(r"LOAD .* RWE ", head), name + ": nothing is written and executed")
        need("__stack_chk_fail" in names, name + ": stack protector")
        need(re.search(r"__\w+_chk@", names), name + ": fortified calls")
        need(os.getcwd().encode() not in pathlib.Path(path).read_bytes(),
             name + " does not tell where it was built")


def an_installation_is_whole_and_goes_whole(folder):
    make("install", PREFIX="/usr", DESTDIR=folder)
    have = files(folder)
    need(have == {"usr/" + f for f in LAID}, "laid down: %s" % sorted(have))
    unit = pathlib.Path(folder, "usr/lib/systemd/system/sobes.service")
    need(unit.read_text() == pathlib.Path("deploy/sobes.service").read_text(), "the unit as it is")
    make("uninstall", PREFIX="/usr", DESTDIR=folder)
    need(not files(folder), "left behind: %s" % sorted(files(folder)))
    make("install", PREFIX="/p", BINDIR="/q/bin", UNITDIR="/u", DESTDIR=folder)
    unit = pathlib.Path(folder, "u/sobes.service").read_text()
    need("ExecStart=/q/bin/sobes\n" in unit and "/usr/bin" not in unit, "the unit knows BINDIR")
    need("q/share/sobes/bank.db" in files(folder), "what it needs lies in ../share of BINDIR")
    make("uninstall", PREFIX="/p", BINDIR="/q/bin", UNITDIR="/u", DESTDIR=folder)
    need(not files(folder), "left behind: %s" % sorted(files(folder)))


def settings_of_the_unit():
    """name -> its values, in order."""
    found = {}
    for line in pathlib.Path("deploy/sobes.service").read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


@functools.cache
def calls_of(group):
    """A set of systemd's, down to system calls."""
    found = set()
    for line in run("systemd-analyze", "syscall-filter", group).splitlines()[1:]:
        name = line.split("#")[0].strip()
        found |= calls_of(name) if name.startswith("@") else {name} - {""}
    return found


def allowed_calls():
    allowed = calls_of("@default")
    for value in settings_of_the_unit()["SystemCallFilter"]:
        names = set().union(*(calls_of(n) if n.startswith("@") else {n}
                              for n in value.lstrip("~").split()))
        allowed = allowed - names if value.startswith("~") else allowed | names
    return allowed


def judge_calls(trace, what):
    text = pathlib.Path(trace).read_text(errors="replace")
    seen = set(re.findall(r"^\d+ +(\w+)\(", text, re.M))
    need(len(seen) > 20, "%s: strace saw %d calls" % (what, len(seen)))
    need(not seen - allowed_calls(), "%s makes calls that the unit forbids: %s" %
         (what, sorted(seen - allowed_calls())))
    both = re.findall(r"^.*(?:mmap\(.*PROT_WRITE\|PROT_EXEC|mprotect\(.*PROT_EXEC).*$", text, re.M)
    need(not both, "%s makes memory executable: %s" % (what, both[:3]))


def traced(trace, *command):
    """Under strace and, if we are root, as somebody who may nothing, like the service."""
    drop = ["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups"]
    return [*(drop if os.geteuid() == 0 else []), program("strace"), "-f", "-qq", "-s", "0",
            "-o", trace, *command]


def an_installed_bot_serves_and_draws_within_the_unit(folder):
    program("systemd-analyze")
    os.chmod(folder, 0o777)
    make("install", PREFIX=folder + "/usr")
    home = os.path.join(folder, "home")
    os.mkdir(home)
    if os.geteuid() == 0:
        os.chown(home, NOBODY, NOBODY)
    options = types.SimpleNamespace(telegram=BUILD + "/local_telegram", bank="", around="",
                                    sobes=folder + "/usr/bin/sobes")
    telegram = Telegram(options)
    sobes = Sobes(options, home, telegram.url, BANK_PATH="", DB_PATH="data/sobes.db")
    try:
        sobes.process = subprocess.Popen(traced(home + "/calls", options.sobes), cwd=home,
                                         env=sobes.env, stdout=sobes.log, stderr=sobes.log)
        until(lambda: "started pid=" in sobes.said(), "it has started: %s" % sobes.said())
        telegram.say("/topic django")
        until(telegram.messages, "it answers")
        pid = int(re.search(r"started pid=(\d+)", sobes.said()).group(1))
        os.kill(pid, signal.SIGUSR1)
        until(lambda: list(pathlib.Path(home, "data/backup").glob("sobes-*.db")), "a backup")
        os.kill(pid, signal.SIGTERM)
        need(sobes.ends(12) == 0, "a clean end")
        need(os.path.exists(home + "/data/sobes.db"), "the database is made in its folder")
    except Failed as trouble:
        raise Failed("%s\n%s" % (trouble, sobes.said())) from trouble
    finally:
        sobes.close()
        telegram.stop()
    judge_calls(home + "/calls", "sobes")
    with open(home + "/podium.png", "wb") as out:
        code = subprocess.run(traced(home + "/drawing", folder + "/usr/bin/sobes-draw"),
                              input=json.dumps(PODIUM).encode(), stdout=out, timeout=60,
                              env={"FONTCONFIG_FILE": folder + "/usr/share/sobes/fonts.conf"},
                              check=False).returncode
    need(code == 0 and pathlib.Path(home, "podium.png").read_bytes()[:4] == b"\x89PNG",
         "a picture is drawn: exit %d" % code)
    judge_calls(home + "/drawing", "sobes-draw")


def systemd_is_content_with_the_unit(folder):
    analyze = program("systemd-analyze")
    make("install", PREFIX=folder + "/usr")
    unit = folder + "/usr/lib/systemd/system/sobes.service"
    words = run(analyze, "verify", "--man=no", unit)
    need(not [w for w in words.splitlines() if "sobes" in w], words)
    words = run(analyze, "security", "--offline=true", "--threshold=11", unit)
    print("     exposed: %s of 10" % re.search(r"exposure level for sobes.service: ([\d.]+)", words)[1])


def the_unit_speaks_of_what_is_there(_):
    have = settings_of_the_unit()
    main = pathlib.Path("bot/main.c").read_text()
    codes = {c for c in re.findall(r"EXIT_\w+ = (\d+)", main) if int(c) >= 64}
    need(codes and set(have["RestartPreventExitStatus"][0].split()) == codes,
         "main.c ends with %s" % sorted(codes))
    need("/bot-token" in pathlib.Path("bot/base/env.c").read_text() and
         have["LoadCredential"] == ["bot-token:/etc/sobes/token"], "the credential's name")
    need(set(have["ExecPaths"][0].split()) >= {"/usr/bin/sobes", "/usr/bin/sobes-draw"},
         "it may start sobes-draw")


def a_package_holds_it(folder):
    program("dpkg-deb")
    debs = []
    for _ in range(2):
        said = run("deploy/deb.sh", sys.argv[1])
        found = re.search(r"'(\S+/sobes_(\S+)_\w+\.deb)'", said)
        need(found, said)
        debs.append(pathlib.Path(found.group(1)).read_bytes())
    deb = found.group(1)
    need(debs[0] == debs[1], "the same commit gives the same package")
    run("dpkg-deb", "--raw-extract", deb, folder)
    os.remove(deb)
    have = files(folder)
    want = {"lib/systemd/system/sobes.service" if f.startswith("lib/") else
            "usr/" + f.replace("README.md", "README.md.gz") for f in LAID}
    want |= {"etc/sobes/env", "usr/share/doc/sobes/changelog.gz", *("DEBIAN/" + f for f in (
        "control", "conffiles", "md5sums", "postinst", "prerm", "postrm"))}
    need(have == want, "in the package: %s" % sorted(have ^ want))
    control = yaml.safe_load(pathlib.Path(folder, "DEBIAN/control").read_text())
    needs = set(control["Depends"].split(", ")) - {"libc6 (>= 2.36)"}
    need(needs == set(run("deploy/deps.sh", "--list", "run").split()), "Depends: %s" % needs)
    run("md5sum", "--quiet", "-c", "DEBIAN/md5sums", cwd=folder)
    run("dpkg", "--compare-versions", found.group(2), "gt", "0")
    for script in "postinst", "prerm", "postrm":
        run("sh", "-n", folder + "/DEBIAN/" + script)
    linked = run("ldd", folder + "/usr/bin/sobes", folder + "/usr/bin/sobes-draw")
    need("not found" not in linked, linked)


def steps_of(dockerfile):
    """(word, the rest) of every step, continued lines joined."""
    text = re.sub(r"^#.*\n", "", pathlib.Path(dockerfile).read_text(), flags=re.M)
    return [line.split(None, 1) for line in text.replace("\\\n", "").splitlines() if line.strip()]


def the_container_is_nobody_and_builds_from_what_it_is_given(folder):
    steps = steps_of("deploy/Dockerfile")
    words = [word for word, _ in steps]
    last = dict(steps[len(words) - 1 - words[::-1].index("FROM"):])
    need(words.count("FROM") == 2 and "ADD" not in words, "two stages, nothing from elsewhere")
    need(all(rest.startswith("debian:12-slim") for word, rest in steps if word == "FROM"),
         "both stages are Debian 12")
    need(last["USER"] == "%d:%d" % (NOBODY, NOBODY) and last["STOPSIGNAL"] == "SIGTERM" and
         json.loads(last["ENTRYPOINT"]) == ["/usr/bin/sobes"], "how it runs: %s" % last)
    need(not re.search("TOKEN", " ".join(rest for _, rest in steps)), "no token in an image")
    health = " health" in pathlib.Path("bot/main.c").read_text()
    need(("HEALTHCHECK" in last) == health, "HEALTHCHECK if and only if `sobes health` is there")
    # What .dockerignore lets through is enough: make finds every file that it needs.
    given = pathlib.Path("deploy/Dockerfile.dockerignore").read_text().split()
    need(given[0] == "*" and all(g.startswith("!") for g in given[1:]), "an allow list")
    tracked = run("git", "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    for name in tracked:
        if os.path.exists(name) and any(name == g[1:] or name.startswith(g[1:] + "/") for g in given[1:]):
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            shutil.copy(name, os.path.join(folder, name))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    run("make", "-n", "SAN=", "B=build", "all", "install", cwd=folder, env=env)


def compose_gives_it_nothing_more(_):
    have = yaml.safe_load(pathlib.Path("deploy/compose.yaml").read_text())
    sobes = have["services"]["sobes"]
    want = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"],
            "user": "%d:%d" % (NOBODY, NOBODY)}
    for name, value in want.items():
        need(sobes.get(name) == value, "%s: %s" % (name, value))
    unit = settings_of_the_unit()
    need(str(sobes["pids_limit"]) == unit["TasksMax"][0] and
         sobes["mem_limit"].upper() == unit["MemoryMax"][0], "the limits of the unit")
    need(not {"privileged", "ports", "network_mode", "pid", "ipc", "devices", "cap_add"} & set(sobes),
         "no more than it needs")
    need(os.path.exists(os.path.join("deploy", sobes["build"]["context"],
                                     sobes["build"]["dockerfile"])), "it finds the Dockerfile")
    need(sobes["environment"]["BOT_TOKEN_FILE"] == "/run/secrets/" + sobes["secrets"][0] and
         sobes["secrets"][0] in have["secrets"], "the token is a file")
    state = sobes["volumes"][0].split(":")
    need(state[0] in have["volumes"] and state[1] == dict(steps_of("deploy/Dockerfile"))["VOLUME"],
         "the volume is where the data is")
    token = have["secrets"][sobes["secrets"][0]]["file"]
    run("git", "check-ignore", "-q", os.path.join("deploy", token))


CHECKS = [the_programs_are_hardened, an_installation_is_whole_and_goes_whole,
          an_installed_bot_serves_and_draws_within_the_unit, systemd_is_content_with_the_unit,
          the_unit_speaks_of_what_is_there, a_package_holds_it,
          the_container_is_nobody_and_builds_from_what_it_is_given,
          compose_gives_it_nothing_more]


def main():
    ends = {"passed": 0, "failed": 0, "skipped": 0}
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        if sys.argv[2:] and not any(word in name for word in sys.argv[2:]):
            continue
        folder = tempfile.mkdtemp(prefix="sobes_deploy_", dir="/tmp")
        end = "passed"
        try:
            check(folder)
        except Skipped as why:
            end = "skipped"
            print("skip", name + ":", why)
        except (Failed, OSError, subprocess.TimeoutExpired, KeyError) as trouble:
            end = "failed"
            print("FAIL", name + ":", repr(trouble) if isinstance(trouble, KeyError) else trouble)
        else:
            print("ok  ", name)
        finally:
            with contextlib.suppress(OSError):
                shutil.rmtree(folder)
        ends[end] += 1
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % ends)
    sys.exit(ends["failed"] > 0)


if __name__ == "__main__":
    main()
