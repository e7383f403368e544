"""``narrowgate log timestamp``: have a kept checkpoint stamped by a time stamp authority, and verify its answer."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.http.timestamp_client import timestamp_reply
from narrowgate.adapters.signing.certificates import certificate_sha256, load_root
from narrowgate.adapters.signing.timestamp import timestamp_query, token_of_reply, verify_timestamp
from narrowgate.core.base.errors import NothingToProcessError, UsageError
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.cli.frame import ExampleCommand, write_new
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_file
from narrowgate.entrypoints.output import answer, done
from narrowgate.entrypoints.settings import GateSettings, read_settings
from narrowgate.entrypoints.stamping import stamp_due


@click.command(
    "timestamp",
    cls=ExampleCommand,
    epilog="narrowgate log timestamp checkpoint --query checkpoint.tsq\n\n"
    "narrowgate log timestamp checkpoint --reply checkpoint.tsr --authority authority.pem\n\n"
    "narrowgate log timestamp --due --config gate.toml",
)
@click.argument("checkpoint", metavar="[CHECKPOINT]", type=EXISTING_FILE, required=False)
@click.option(
    "--query", type=click.Path(path_type=Path), help="Write the request for a time stamp to this new file."
)
@click.option("--reply", type=EXISTING_FILE, help="The authority's reply, to be verified.")
@click.option("--authority", type=EXISTING_FILE, help="PEM of the authority's own certificate.")
@click.option("--due", is_flag=True, help="In place of all these: have today's checkpoint stamped, once.")
@click.option("--config", type=click.Path(exists=True, path_type=Path), help="With --due: gate.toml.")
def timestamp_checkpoint(
    checkpoint: Path | None,
    query: Path | None,
    reply: Path | None,
    authority: Path | None,
    due: bool,
    config: Path | None,
) -> None:
    """Prove by a third party's clock what the log held at a time (RFC 3161), without a network.

    Copy the log's checkpoint first: the log goes on. --query writes what the authority is sent, a digest; --reply
    verifies what it replied, with its own certificate and no other. Keep copy and reply together, away from the log:
    'narrowgate log verify --earlier' then says whether a log still continues the checkpoint.

    --due does all of it by a timer, into the directory 'timestamps' of gate.toml: it asks the authority at
    'timestamp_url', or leaves DATE.tsq for a person who brings DATE.tsr back. Exit code 3: the reply is not there yet.
    """
    if due:
        if config is None or checkpoint or query or reply or authority:
            raise UsageError(
                "--due goes with --config alone.",
                next_step="Give --due --config gate.toml, and nothing else.",
            )
        _stamp_due(read_settings(config))
        return
    if checkpoint is None or config is not None:
        raise UsageError(
            "Name a checkpoint, or --due with --config.", next_step="See the examples of --help."
        )
    data = read_file(checkpoint)
    if query is not None and reply is None:
        write_new(query, timestamp_query(data, SystemEntropy()))
        done({"query": str(query)}, f"Wrote {query}: send it to the time stamp authority.")
        return
    if reply is None or query is not None or authority is None:
        raise UsageError(
            "Name --query, or --reply and --authority.",
            next_step="First write the query, then verify what the authority replied.",
        )
    pinned = certificate_sha256(load_root(authority))
    stamped = verify_timestamp(token_of_reply(read_file(reply)), data, pinned, None, SystemClock().now())
    said = format_time(stamped)
    answer({"stamped": said}, f"The authority saw this checkpoint at {said}.")


def _stamp_due(settings: GateSettings) -> None:
    url = settings.timestamp_url
    ask = partial(timestamp_reply, url) if url else None
    stamped = stamp_due(settings, SystemClock().now(), SystemEntropy(), ask)
    if stamped is None:
        raise NothingToProcessError(
            "The reply to today's query is not there yet.",
            next_step=f"Send DATE.tsq in {settings.timestamps} to the authority, and put its reply there as DATE.tsr.",
        )
    said = format_time(stamped.time)
    answer(
        {"day": stamped.day, "stamped": said},
        f"The authority saw the checkpoint of {stamped.day} at {said}.",
    )
