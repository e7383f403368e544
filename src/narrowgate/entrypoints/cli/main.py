"""The command ``narrowgate``."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

import click

from narrowgate import __version__
from narrowgate.entrypoints.cli import frame, tree
from narrowgate.entrypoints.cli.streams import prepare_streams

_ROOM = "narrowgate.entrypoints.cli"

_OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Python's own 700 lets a start look for cycles 300 times among modules and tables, which are there to stay."""


@click.group(
    cls=frame.LateGroup,
    late={
        "act": f"{_ROOM}.act:act",
        "address": f"{_ROOM}.address:address",
        "agreement": f"{_ROOM}.agreement:agreement",
        "answers": f"{_ROOM}.answers:answers",
        "assure": f"{_ROOM}.assure:assure",
        "case": f"{_ROOM}.case:case",
        "custodian": f"{_ROOM}.custodian:custodian",
        "demo": f"{_ROOM}.sandbox:demo",
        "desk": f"{_ROOM}.desk:desk",
        "docs": f"{_ROOM}.docs:docs",
        "doctor": f"{_ROOM}.doctor:doctor",
        "drill": f"{_ROOM}.drill:drill",
        "fetch": f"{_ROOM}.submit:fetch",
        "gate": f"{_ROOM}.gate:gate",
        "index": f"{_ROOM}.index:index",
        "inspector": f"{_ROOM}.inspector:inspector",
        "key": f"{_ROOM}.key:key",
        "log": f"{_ROOM}.log:log",
        "officers": f"{_ROOM}.officers:officers",
        "package": f"{_ROOM}.package:package",
        "recall": f"{_ROOM}.recall:recall",
        "release": f"{_ROOM}.release:release",
        "rules": f"{_ROOM}.rules:rules",
        "sandbox": f"{_ROOM}.sandbox:sandbox",
        "serve": f"{_ROOM}.serve:serve",
        "state": f"{_ROOM}.custodian:state",
        "submit": f"{_ROOM}.submit:submit",
        "witness": f"{_ROOM}.witness:witness",
    },
    summaries={
        "act": "Put things in force and take them out of force (custodian): one officer stops, two officers release.",
        "address": "Standardize and explain addresses (USPS Publication 28).",
        "agreement": "Read, compare, sign and verify agreements.",
        "answers": "Open answers (requester's officers), prove one to a court, and verify such a proof.",
        "assure": "Try to break every promise of the gate on a synthetic world with real parts, and write a report.",
        "case": "Prepare case files.",
        "custodian": "Found a gate, open single commitments of its log, and put an incident on record (custodian).",
        "demo": "Build a synthetic world and run one package through it: records to index, cases "
        "to sealed answers.",
        "desk": "Serve the requester's desk to one browser of this machine, until Ctrl-C.",
        "docs": "Show a page of the documentation, or list the pages; the examples are among them.",
        "doctor": "Check this machine, and try everything of a gate if one is named: what would "
        "stop the next package, and when.",
        "drill": "Play the August of 2025 on a demo world: the file refused whole, a wrong answer found and recalled.",
        "fetch": "Say where a package is, and bring its sealed answers and its receipt once they are released.",
        "gate": "Run the gate (custodian).",
        "index": "Build and look after confirmation indexes.",
        "inspector": "Recompute from a bundle what the custodian says; needs no network, no database, no gate.",
        "key": "Digests of keys and certificates, and the keys of cards.",
        "log": "Verify the log offline, and read its leaves.",
        "officers": "Check and show the register of officers (custodian).",
        "package": "Build, show, sign and verify packages.",
        "recall": "Find wrong answers in the log, call them back, and count who has disposed of them.",
        "release": "Release sealed answers at their slots (custodian).",
        "rules": "Look up the rules; nothing else is needed, and no network.",
        "sandbox": "Run your own files through the whole path with throw-away keys, and write "
        "answers.csv and summary.json.",
        "serve": "Serve the custodian's console, the inspector's site, or the intake by HTTP.",
        "state": "Look after what the gate remembers (custodian).",
        "submit": "Hand a signed package over to the intake, and print when its answers will leave.",
        "witness": "Watch a log from elsewhere: cosign what continues, refuse forks and rollbacks, and keep the "
        "evidence.",
    },
    epilog="narrowgate demo --dir demo",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name=frame.PROGRAM)
def cli() -> None:
    """One question passes: does this address appear in this person's tax file? One bit comes back.

    Exit codes: 0 done, whatever the outcome; 1 the machine failed; 2 usage; 3 nothing to process;
    4 configuration; 11 refused by a rule; 12 envelope or signature; 13 proof; 14 log inconsistent;
    15 suspended; 16 not in force; 17 indeterminate; 18 a promise did not hold; 130 interrupted.
    """


def _untold(_: object) -> None:
    """What fails while something is cleared away: Python would show a traceback with the text of the error."""


class _Ending:
    """How the process ends."""

    code = 1


def _end_at_once() -> None:
    """End when all else is done: Python would take apart every module and table, for half a second, to no effect."""
    for stream in (sys.stdout, sys.stderr):
        # Its reader has gone, or it was closed, or never there.
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(_Ending.code)


def main() -> NoReturn:
    """Run the command line; a request to end is obeyed as an interrupt is, so that nothing half-done stays.

    What libraries log is shown nowhere: it repeats names from certificates, and every failure has its message. The
    processes that it starts load no module from the working directory, where packages and records of others may lie.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    atexit.register(_end_at_once)  # the first that is registered is the last that is called
    try:
        _run()
    except SystemExit as end:
        _Ending.code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        raise


def _run() -> NoReturn:
    os.environ["PYTHONSAFEPATH"] = "1"
    sys.unraisablehook = _untold
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    prepare_streams()
    if tree.can_answer(sys.argv[1:]):
        tree.answer_from_tree(frame.PROGRAM)
    import logging  # noqa: PLC0415 - help logs nothing

    logging.getLogger().addHandler(logging.NullHandler())
    frame.run(cli)
