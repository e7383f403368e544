"""``narrowgate log timestamp``: have a kept checkpoint stamped by a time stamp authority, and verify its answer."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.signing.certificates import certificate_sha256, load_root
from narrowgate.adapters.signing.timestamp import timestamp_query, token_of_reply, verify_timestamp
from narrowgate.core.base.errors import UsageError
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.cli.frame import ExampleCommand, write_new
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_file
from narrowgate.entrypoints.output import answer, done


@click.command(
    "timestamp",
    cls=ExampleCommand,
    epilog="narrowgate log timestamp checkpoint --query checkpoint.tsq\n\n"
    "narrowgate log timestamp checkpoint --reply checkpoint.tsr --authority authority.pem",
)
@click.argument("checkpoint", metavar="CHECKPOINT", type=EXISTING_FILE)
@click.option(
    "--query", type=click.Path(path_type=Path), help="Write the request for a time stamp to this new file."
)
@click.option("--reply", type=EXISTING_FILE, help="The authority's reply, to be verified.")
@click.option("--authority", type=EXISTING_FILE, help="PEM of the authority's own certificate.")
def timestamp_checkpoint(
    checkpoint: Path, query: Path | None, reply: Path | None, authority: Path | None
) -> None:
    """Prove by a third party's clock when a log was no shorter and no other (RFC 3161), without a network.

    Copy the log's checkpoint first: the log goes on. --query writes what the authority is sent, a digest; --reply
    verifies what it replied, with its own certificate and no other. Keep copy and reply together, away from the log:
    'narrowgate log verify --earlier' then says whether a log still continues the checkpoint.
    """
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
