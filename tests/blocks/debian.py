"""Python as Debian has it, this interpreter: every block in its own fork, the prelude of its topic loaded once."""
import functools
import importlib.util
import sys
import types
from pathlib import Path

from . import judge, limits

SAME_WORLD = {"orm": "django"}  # topics that stand on another one's prelude
PRELUDES = Path(__file__).resolve().parents[2] / "content" / "preludes"
VERSION = "%d.%d" % sys.version_info[:2]


def plain_namespace():
    sys.modules["__main__"] = types.ModuleType("__main__")  # where pickle and dataclasses look for the block's classes
    return vars(sys.modules["__main__"])


def prelude(topic):
    return PRELUDES / f"{SAME_WORLD.get(topic, topic)}.py"


def has_prelude(topic):
    return prelude(topic).exists()


@functools.cache
def load(path):
    """The function that makes the globals of a block. A prelude is loaded once: Django is set up once in a process."""
    if not path.exists():
        return plain_namespace
    spec = importlib.util.spec_from_file_location(f"prelude_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.namespace


def job_of(block):
    return {"file": block.file, "codes": [list(code) for code in block.codes],
            "first_options": block.first_options, "asks_output": block.asks_output}


def run(block):
    make_namespace, job = load(prelude(block.topic)), job_of(block)

    def judged():
        return judge.judge(job, *judge.execute(job, make_namespace()))

    return limits.run(lambda: judge.result_of(judged), block.line)
