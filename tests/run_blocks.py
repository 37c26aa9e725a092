"""Runs the code of the question bank: every ```python block of `answer`, every quiz's `code` with its `proof`.

    python3 tests/run_blocks.py [FILE.yaml ...]        default: content/questions/*.yaml

- what a block prints equals its `# -> ` texts, from top to bottom, line by line;
- a statement with `# raises TypeError` on one of its own lines raises exactly that, and the block goes on;
- where a quiz asks what the code prints, the output (with the name of the error, if one ends it) is the first option;
- a block whose first line is `# not run: REASON` is counted, not run; no other comments are allowed.

Every block runs in its own fork of this process: the prelude of its topic (content/preludes/TOPIC.py) is loaded once.
"""
import ast
import contextlib
import importlib.util
import io
import json
import os
import re
import resource
import select
import signal
import socket
import sys
import time
import tokenize
import traceback
import types
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parent.parent
WALL, CPU, MEMORY, FILES = 10, 5, 1 << 30, 1 << 20  # seconds, seconds, bytes, bytes
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
PRINTS = re.compile("напечатает|выведет")
COMMENT = re.compile(r"# ->(?: (?P<out>.*))?$|# raises (?P<error>[\w.]+)$")


class Code(NamedTuple):
    text: str
    line: int  # of the first line, in the YAML file


class Block(NamedTuple):
    file: str
    topic: str
    codes: list  # of an answer one, of a quiz `code` and `proof`
    not_run: str
    first_options: list = []  # ru and en, of a quiz
    asks_output: bool = False


class Bad(Exception):
    """What is wrong with a block: line, text."""


def child(node, *keys):
    """The YAML node at a path of keys, or None."""
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        node = next((value for name, value in pairs if name.value == key), None)
    return node


def fences(node):
    """(language, code) of every fenced block of an answer."""
    for found in FENCE.finditer(node.value if node else ""):
        # The text of a `|` scalar begins on the line after the bar; marks count from 0.
        line = node.start_mark.line + 2 + node.value.count("\n", 0, found.start(2))
        yield found[1], Code(found[2], line)


def reason(code):
    found = re.match(r"# not run: *(\S.*)", code.text)
    return found[1].strip() if found else ""


def read_entry(file, entry, errors):
    topic = getattr(child(entry, "topic"), "value", "")
    ru, en = (list(fences(child(entry, "answer", language))) for language in ("ru", "en"))
    if [(language, code.text) for language, code in ru] != [(language, code.text) for language, code in en]:
        errors.append(f"{file}:{entry.start_mark.line + 1}: the code of the answer differs between ru and en")
    for language, code in ru:
        yield Block(file, topic, [code], reason(code) if language == "python" else f"language {language or 'none'}")
    quiz = child(entry, "quiz")
    codes = [Code(node.value, node.start_mark.line + 2) for node in (child(quiz, "code"), child(quiz, "proof")) if node]
    if codes:
        options = [child(quiz, "options", language) for language in ("ru", "en")]
        yield Block(file, topic, codes, reason(codes[0]), [node.value[0].value for node in options if node],
                    bool(PRINTS.search(getattr(child(quiz, "ask", "ru"), "value", ""))))


def read_file(file, errors):
    try:
        questions = child(yaml.compose(Path(file).read_text("utf-8")), "questions")
    except (OSError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        errors.append(f"{file}:{mark.line + 1 if mark else 1}: {getattr(error, 'problem', error)}")
        return
    for entry in questions.value if isinstance(questions, yaml.SequenceNode) else ():
        yield from read_entry(file, entry, errors)


def comments(code):
    """Expected output and {line: error that a statement on it raises}; lines of the YAML file."""
    expected, raises = [], {}
    for token in tokenize.generate_tokens(io.StringIO(code.text).readline):
        if token.type == tokenize.COMMENT:
            line, found = token.start[0] + code.line - 1, COMMENT.match(token.string)
            if not found:
                raise Bad(line, f"a comment that is no convention: {token.string}")
            if found["error"]:
                raises[line] = found["error"]
            else:
                expected.append((line, (found["out"] or "").rstrip()))
    return expected, raises


class Raises(ast.NodeTransformer):
    """Puts `with __raises__(line):` round the innermost statement that has such a comment, so that the rest runs."""

    def __init__(self, lines):
        self.left = set(lines)

    def visit(self, node):
        node = self.generic_visit(node)  # inner statements first
        lines = set(range(node.lineno, node.end_lineno + 1)) if isinstance(node, ast.stmt) else set()
        for line in sorted(lines & self.left):
            self.left.remove(line)
            wrapped = ast.parse(f"with __raises__({line}): pass").body[0]
            for inner in ast.walk(wrapped):
                ast.copy_location(inner, node)
            wrapped.body, node = [node], wrapped
        return node


@contextlib.contextmanager
def expect_error(raises, line):
    try:
        yield
    except BaseException as error:
        name = raises[line]
        if type(error).__name__ != name.rpartition(".")[2]:
            raise Bad(line, f"raised {type(error).__name__}, not {name}: {error}") from None
    else:
        raise Bad(line, f"did not raise {raises[line]}")


def execute(block, namespace):
    """Runs the codes of a block one after the other: what they printed, `# -> ` texts, the error that ended them."""
    expected, stdout = [], io.StringIO()
    with contextlib.redirect_stdout(stdout):
        for code in block.codes:
            try:
                tree = ast.increment_lineno(ast.parse(code.text), code.line - 1)  # so errors name lines of the YAML file
            except SyntaxError as error:
                raise Bad(code.line + (error.lineno or 1) - 1, f"SyntaxError: {error.msg}") from None
            lines, raises = comments(code)
            expected += lines
            reached = set()
            namespace["__raises__"] = lambda line: reached.add(line) or expect_error(raises, line)
            try:
                exec(compile(Raises(raises).visit(tree), block.file, "exec", dont_inherit=True), namespace)
            except Bad:
                raise
            except BaseException as error:
                return stdout.getvalue(), expected, error
            for line in raises.keys() - reached:
                raise Bad(line, f"nothing ran here that could raise {raises[line]}")
    return stdout.getvalue(), expected, None


def judge(block, stdout, expected, error):
    """True if something was compared; raises Bad."""
    printed, name, first_line = [line.rstrip() for line in stdout.splitlines()], "", block.codes[0].line
    if error:
        name = type(error).__name__
        if not any(name in option for option in block.first_options):
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == block.file]
            raise Bad((lines or [first_line])[-1], f"{name}: {error}")
    if block.asks_output:
        outcome = " ".join(" ".join([*printed, name]).split())
        for option in block.first_options:
            if " ".join(option.split()) != outcome:
                raise Bad(first_line, f"the code prints {outcome!r}, the first option is {option!r}")
    if block.first_options and not expected:
        return block.asks_output  # a quiz about something else may print
    for (line, wanted), got in zip(expected, printed):
        if wanted != got:
            raise Bad(line, f"printed {got!r}, expected {wanted!r}")
    if len(printed) != len(expected):
        raise Bad(first_line, f"printed {len(printed)} lines, expected {len(expected)}: {printed}")
    return bool(expected)


def refuse_network(event, args):
    if event == "socket.__new__" and args[1] != socket.AF_UNIX:  # asyncio needs a pair of AF_UNIX
        raise OSError("blocks have no network")


def in_child(block, make_namespace, pipe):
    """Never returns: one block under limits; the result goes to the pipe as JSON."""
    try:
        os.setsid()  # so that the parent can end whatever the block starts
        os.dup2(os.open(os.devnull, os.O_RDWR), 2)
        for limit, value in ((resource.RLIMIT_CPU, CPU), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILES)):
            resource.setrlimit(limit, (value, value))
        sys.addaudithook(refuse_network)
        try:
            result = {"compared": judge(block, *execute(block, make_namespace()))}
        except Bad as error:
            result = {"line": error.args[0], "error": error.args[1]}
        except BaseException:
            result = {"line": block.codes[0].line, "error": "the runner failed: " + traceback.format_exc()}
        os.write(pipe, json.dumps(result).encode())
    finally:
        os._exit(0)


def run(block, make_namespace):
    reader, writer = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        in_child(block, make_namespace, writer)
    os.close(writer)
    data, deadline, part = b"", time.monotonic() + WALL, b"-"
    while part and select.select([reader], [], [], max(0, deadline - time.monotonic()))[0]:
        part = os.read(reader, 65536)
        data += part
    os.close(reader)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    why = f"no result in {WALL} s" if part else f"ended by the system (memory, CPU or files), status {status}"
    return json.loads(data) if data else {"line": block.codes[0].line, "error": why}


def plain_namespace():
    sys.modules["__main__"] = types.ModuleType("__main__")  # where pickle and dataclasses look for the block's classes
    return vars(sys.modules["__main__"])


def prelude(topic):
    return ROOT / "content" / "preludes" / f"{topic}.py"


def load(path):
    """The function that makes the globals of a block."""
    if not path.exists():
        return plain_namespace
    spec = importlib.util.spec_from_file_location(f"prelude_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.namespace


def main(files):
    errors, loaded, counts, passed = [], {}, {}, 0
    files = files or sorted(os.path.relpath(path) for path in ROOT.glob("content/questions/*.yaml"))
    blocks = [block for file in files for block in read_file(file, errors)]
    # Topics without a prelude first: their blocks should not see what a prelude imports.
    for block in sorted(blocks, key=lambda block: prelude(block.topic).exists()):
        count = counts.setdefault(block.file, Counter())
        count["blocks"] += 1
        if block.not_run:
            count["not run", block.not_run] += 1
            continue
        if block.topic not in loaded:
            loaded[block.topic] = load(prelude(block.topic))
        result = run(block, loaded[block.topic])
        if "error" in result:
            errors.append(f"{block.file}:{result['line']}: {result['error']}")
            continue
        passed += 1
        count["compared"] += result["compared"]
    print(*errors, sep="\n", end="\n" * bool(errors))
    width = max(map(len, counts), default=4)
    print(f"{'file':{width}}  blocks  compared  not run")
    for file, count in counts.items():
        reasons = {key[1]: number for key, number in count.items() if isinstance(key, tuple)}
        why = "".join(f"  {text}: {number}" for text, number in reasons.items())
        print(f"{file:{width}}  {count['blocks']:6}  {count['compared']:8}  {sum(reasons.values()):7}{why}")
    print(f"{passed} passed, {len(errors)} failed, {sum(bool(block.not_run) for block in blocks)} skipped")
    return 1 if errors or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
