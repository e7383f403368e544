"""Records and index in an object store, from the command line: the same answers, and no answer from other bytes."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.engines import stored_index as opened_index
from narrowgate.adapters.engines.spark.tokenize import TokenizeJob, tokenize_share
from narrowgate.adapters.files.worker_progress import WorkerState, read_progress
from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.object_store import location, reading, stored_index
from narrowgate.adapters.object_store.location import ObjectLocation, parse_location
from narrowgate.adapters.readers import read_rows
from narrowgate.core.base.errors import ConfigurationError, OperationalError, UnavailableError
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.taxfile.mapping import parse_mapping
from narrowgate.entrypoints.settings import read_settings
from narrowgate.entrypoints.worker import Worker
from narrowgate.index.integrity import read_manifest
from narrowgate.index.manifest import MANIFEST_NAME
from support.command_line import CommandLine
from support.handed_over import hand_over
from support.object_store import ACCESS_KEY, BUCKET, SECRET_KEY, ObjectStore, running_store
from support.sandbox_files import BUILD, OPEN, SIGN, UNASKED, base_files, refused_file
from support.standalone_cluster import standalone_cluster

INDEX = f"s3://{BUCKET}/indexes/2026"


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with running_store() as running:
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, store: ObjectStore) -> Path:
    """A world with a package, its records and its index in the store too, and its gate reading the index there."""
    home = tmp_path_factory.mktemp("made")
    base_files(home)
    refused_file(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        narrowgate = CommandLine(patch, None)
        for command in (UNASKED, BUILD, SIGN):
            assert narrowgate(*command.split()).code == 0
        assert narrowgate("index", "publish", "world/index", INDEX).code == 0
    store.write("records.csv", (home / "records.csv").read_bytes())
    gate = home / "world" / "gate.toml"
    gate.write_text(gate.read_text().replace('index = "index"', f'index = "{INDEX}"'))
    assert INDEX in gate.read_text()
    shutil.move(home / "world" / "index", home / "copy")
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path, store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it as the working directory, and the store as it was."""
    copy = tmp_path / "home"
    shutil.copytree(made, copy)
    monkeypatch.chdir(copy)
    monkeypatch.setattr(location, "_ATTEMPTS", 1)
    for path in (made / "copy").rglob("*"):
        if path.is_file():
            store.write(f"indexes/2026/{path.relative_to(made / 'copy').as_posix()}", path.read_bytes())
    return copy


def data_file(store: ObjectStore) -> str:
    return next(key for key in store.keys("indexes/2026/tokens/"))


def test_a_gate_answers_from_an_index_in_the_store(home: Path, narrowgate: CommandLine) -> None:
    result = narrowgate("gate", "run", "package-2", "--config", "world")
    assert result.code == 0, result.err
    identifier = json.loads(result.out)["package_id"]
    opened = narrowgate(*OPEN.format(answers=f"world/answers/{identifier}").split(), "--package", "package-2")
    outcomes = [line.split(",")[2] for line in opened.out.splitlines()[1:]]
    assert outcomes == ["CONFIRMED", "REFUSED", "NOT_CONFIRMED", "REFUSED"]
    assert narrowgate("doctor", "--config", "world").code == 0


def flip(store: ObjectStore) -> None:
    data = bytearray(store.read(data_file(store)))
    data[len(data) // 2] ^= 1
    store.write(data_file(store), bytes(data))


def truncate(store: ObjectStore) -> None:
    store.write(data_file(store), store.read(data_file(store))[:-1])


def empty(store: ObjectStore) -> None:
    store.delete(data_file(store))


def unnamed(store: ObjectStore) -> None:
    store.delete("indexes/2026/manifest.json")


@pytest.mark.parametrize("attack", [flip, truncate, empty, unnamed])
def test_other_bytes_in_the_store_are_no_answer(
    home: Path, narrowgate: CommandLine, store: ObjectStore, attack: Callable[[ObjectStore], None]
) -> None:
    attack(store)
    result = narrowgate("gate", "run", "package-2", "--config", "world")
    assert result.code == 1
    assert "NOT_CONFIRMED" not in result.out + result.err
    assert len(list((home / "world" / "answers").iterdir())) == 1
    assert narrowgate("index", "verify", INDEX).code == 1


def test_an_object_replaced_after_its_size_was_looked_at_is_no_answer(
    home: Path, narrowgate: CommandLine, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = opened_index.check_sizes

    def look_and_replace(*arguments: object) -> None:
        look(*arguments)  # type: ignore[arg-type]
        flip(store)

    monkeypatch.setattr(opened_index, "check_sizes", look_and_replace)
    result = narrowgate("gate", "run", "package-2", "--config", "world")
    assert result.code == 1
    assert "Its bytes are not those of the manifest." in result.err
    assert not list((home / "world" / "spill" / "index" / "tokens").iterdir())


def missing_bucket(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = home / "world" / "gate.toml"
    gate.write_text(gate.read_text().replace(BUCKET, "another-bucket"))


def denied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "AWS_ENDPOINT_URL_S3", answering(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    )


def silent(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(location, "_REQUEST_SECONDS", 0.5)
    monkeypatch.setattr(location, "_CONNECT_SECONDS", 0.5)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", answering(b""))


def absent(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")


def answering(answer: bytes) -> str:
    """The URL of a server that says the same to whoever connects, or nothing."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        waiting = []
        while True:
            connection, _ = server.accept()
            if answer:
                with connection:
                    connection.recv(1 << 16)
                    connection.sendall(answer)
            waiting.append(connection)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (missing_bucket, "There is no such"),
        (denied, "does not permit it"),
        (silent, "not reached in time"),
        (absent, "not reached in time"),
    ],
)
def test_a_store_in_trouble_is_unavailable_and_no_credential_is_told(
    home: Path,
    narrowgate: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Path, pytest.MonkeyPatch], None],
    said: str,
) -> None:
    trouble(home, monkeypatch)
    result = narrowgate("gate", "run", "package-2", "--config", "world", "--verbose")
    assert (result.code, said in result.err) == (1, True), result.err
    for secret in (ACCESS_KEY, SECRET_KEY):
        assert secret not in result.out + result.err
        assert not [
            path for path in home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()
        ]


def trickling(connection: socket.socket) -> None:
    """Says that a thousand bytes come, and sends one of them now and then."""
    connection.sendall(b'HTTP/1.1 206 Partial Content\r\nContent-Length: 1000\r\nETag: "one"\r\n\r\n')
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def in_part(connection: socket.socket) -> None:
    """Sends ten bytes and says that these are all, where a thousand were wanted."""
    connection.sendall(b'HTTP/1.1 206 Partial Content\r\nContent-Length: 10\r\nETag: "one"\r\n\r\n0123456789')


def serving(body: Callable[[socket.socket], None]) -> str:
    """The URL of a store with objects of a thousand bytes, which gives them so."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as requests:
            while method := requests.readline():
                while requests.readline() not in (b"\r\n", b""):
                    pass
                if method.startswith(b"HEAD"):
                    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: "one"\r\n\r\n')
                else:
                    body(connection)

    def accept() -> None:
        while True:
            threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize(
    ("body", "said"), [(trickling, "not reached in time"), (in_part, "gave less of the object")]
)
def test_a_store_that_hardly_sends_or_gives_a_piece_in_part_is_unavailable(
    home: Path,
    narrowgate: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
    body: Callable[[socket.socket], None],
    said: str,
) -> None:
    monkeypatch.setattr(reading, "_PIECE_SECONDS", 0.5)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", serving(body))
    build = (
        f"index build s3://{BUCKET}/records.csv new --mapping mapping.toml --key file:world/keys/index.key"
    )
    for command in (f"{build} --as-of 2026-01-31 --workers 1", "gate run package-2 --config world"):
        result = narrowgate(*command.split())
        assert (result.code, said in result.err) == (1, True), result.err
    assert not (home / "new").exists()


def test_a_place_for_the_index_that_refuses_it_does_not_end_the_worker(
    home: Path, narrowgate: CommandLine
) -> None:
    shutil.rmtree(home / "world" / "spill", ignore_errors=True)
    (home / "world" / "spill").write_text("no directory")
    hand_over(home / "world", home / "package-2", SystemClock().now())
    settings = read_settings(home / "world")
    told: list[WorkerState] = []

    def ended(_: float) -> bool:
        found = read_progress(settings.progress)
        told.extend([found.state] if found else [])
        return WorkerState.UNABLE in told

    Worker(settings, SystemClock(), ended).run()
    assert WorkerState.UNABLE in told
    result = narrowgate("gate", "work", "--config", "world", "--once")
    assert (result.code, "The manifest of the index cannot be kept" in result.err) == (1, True), result.err


def test_a_build_reads_records_and_writes_an_index_in_the_store(
    home: Path, narrowgate: CommandLine, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = SystemClock().now()
    monkeypatch.setattr(SystemClock, "now", lambda _: now)
    options = ["--mapping", "mapping.toml", "--key", "file:world/keys/index.key", "--as-of", "2026-01-31"]
    assert narrowgate("index", "build", "records.csv", "plain", *options).code == 0
    place = f"s3://{BUCKET}/built"
    result = narrowgate("index", "build", f"s3://{BUCKET}/records.csv", place, *options)
    assert result.code == 0, result.err
    assert not (home / "built").exists()
    plain = {path.relative_to("plain").as_posix(): path.read_bytes() for path in Path("plain").rglob("*.*")}
    assert {key.removeprefix("built/"): store.read(key) for key in store.keys("built/")} == plain
    assert narrowgate("index", "verify", place).code == 0
    assert narrowgate("index", "fetch", place, "fetched").code == 0
    assert narrowgate("index", "verify", "fetched").code == 0
    again = narrowgate("index", "build", "records.csv", place, *options)
    assert (again.code, "already" in again.err) == (4, True)
    absent = narrowgate("index", "build", f"s3://{BUCKET}/nothing.csv", f"{place}-2", *options)
    assert (absent.code, store.keys("built-2")) == (1, [])


def test_half_an_upload_is_taken_back_and_the_index_that_was_built_is_kept(
    home: Path, narrowgate: CommandLine, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = stored_index._put

    def put_until_the_manifest(path: Path, place: ObjectLocation) -> None:
        if place.name == MANIFEST_NAME:
            raise UnavailableError("The store is gone.", next_step="Wait.")
        put(path, place)

    options = ["--mapping", "mapping.toml", "--key", "file:world/keys/index.key", "--as-of", "2026-01-31"]
    place = f"s3://{BUCKET}/half"
    with monkeypatch.context() as patch:
        patch.setattr(stored_index, "_put", put_until_the_manifest)
        result = narrowgate("index", "build", "records.csv", place, *options)
    assert (result.code, f"narrowgate index publish half {place}" in result.err) == (1, True), result.err
    assert store.keys("half/") == []
    assert narrowgate("index", "publish", "half", place).code == 0
    assert narrowgate("index", "verify", place).code == 0


def write_parquet(home: Path, store: ObjectStore) -> bytes:
    """The records, as Parquet, of which a part is read at a time; in the store too."""
    rows = pyarrow.csv.read_csv(home / "records.csv")
    texts = pyarrow.schema([(name, pyarrow.string()) for name in rows.column_names])
    pq.write_table(rows.cast(texts), "records.parquet", row_group_size=1)
    data = Path("records.parquet").read_bytes()
    store.write("records.parquet", data)
    return data


def test_records_replaced_while_they_are_read_make_no_index(home: Path, store: ObjectStore) -> None:
    data = write_parquet(home, store)
    mapping = parse_mapping((home / "mapping.toml").read_text(), "mapping.toml")
    records = parse_location(f"s3://{BUCKET}/records.parquet")
    read = read_rows(records, mapping)
    assert next(read).columns.num_rows
    store.write("records.parquet", data + b" ")
    with pytest.raises(UnavailableError, match="replaced while they were read"):
        list(read)
    read = read_rows(records, mapping)
    with pytest.raises(OperationalError, match="cannot be read as Parquet"):
        next(read)

    store.write("records.parquet", data)
    key = f"file:{home}/world/keys/index.key"
    key_id = IndexKey(load_secret_key(key)).key_id
    share = TokenizeJob(records, (len(data), "another version"), mapping, key, key_id, home, 2)
    with pytest.raises(UnavailableError, match="replaced while they were read"):
        tokenize_share(share, 0)
    assert tokenize_share(replace(share, state=records.state()), 0).rows_read


def test_an_executor_gives_no_row_of_an_object_that_has_other_bytes(home: Path, store: ObjectStore) -> None:
    pytest.importorskip("pyspark")
    from narrowgate.adapters.engines.spark.checked_files import checked_rows

    index = parse_location(INDEX)
    (file,) = read_manifest(home / "copy", None).files_of("tokens")
    assert sum(batch.num_rows for batch in checked_rows(index, file)) == file.rows
    flip(store)
    with pytest.raises(UnavailableError, match="damaged"):
        next(checked_rows(index, file))


@pytest.mark.scale
def test_spark_on_a_cluster_reads_records_and_index_in_the_store(
    home: Path, tmp_path: Path, narrowgate: CommandLine, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_parquet(home, store)
    now = SystemClock().now()
    monkeypatch.setattr(SystemClock, "now", lambda _: now)
    options = [
        "--mapping",
        "mapping.toml",
        "--key",
        f"file:{home}/world/keys/index.key",
        "--as-of",
        "2026-01-31",
    ]
    records, plain, clustered = (
        f"s3://{BUCKET}/{name}" for name in ("records.parquet", "plain", "clustered")
    )
    assert narrowgate("index", "build", records, plain, *options).code == 0
    with standalone_cluster(tmp_path / "cluster", apart=False) as machines:
        on_spark = ("--engine", "spark", "--master", machines.url)
        built = machines.run(now, "index", "build", records, clustered, *options, "--work", home, *on_spark)
        assert built[0] == 0, built[1]
        of_both = [
            {key.removeprefix(name): store.read(key) for key in store.keys(name)}
            for name in ("plain/", "clustered/")
        ]
        assert of_both[0] == of_both[1] != {}
        shutil.copytree(home / "world", home / "attacked")
        run = ("gate", "run", "package-2", "--config")
        answered = machines.run(now, *run, "world", *on_spark)
        assert answered[0] == 0, answered[1]
        flip(store)
        attacked = machines.run(now, *run, "attacked", *on_spark)
        assert (attacked[0], "A data file of the index is damaged." in attacked[1]) == (1, True), attacked[1]
    written = [path.read_bytes() for path in (tmp_path / "cluster").rglob("*") if path.is_file()]
    assert [data for data in written if SECRET_KEY.encode() in data] == []


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket",
        "s3://KEY:QXZJV@bucket/key",
        "s3://bucket/key?access_key=QXZJV",
        "s3://bucket/a/../b",
        "S3://bucket/key",
    ],
)
def test_a_location_holds_bucket_and_key_alone_and_is_not_repeated_in_the_error(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_location(text)
    assert "QXZJV" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://store.example:9000",
        "https://key:hush@store.example",
        "store.other",
        "https://store.example/behind/a/path",
        "https://store.example?key=hush",
    ],
)
def test_an_endpoint_is_encrypted_and_a_host_alone(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", url)
    with pytest.raises(ConfigurationError) as caught:
        parse_location("s3://bucket/key")
    assert url not in str(caught.value)


def test_an_authority_that_is_not_there_is_no_store_that_is_away(
    monkeypatch: pytest.MonkeyPatch, narrowgate: CommandLine, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "absent.pem"))
    told = narrowgate("index", "verify", "s3://bucket/key")
    assert (told.code, "AWS_CA_BUNDLE" in told.err) == (4, True), told.err


def test_credentials_come_from_the_environment_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with pytest.raises(ConfigurationError, match="no credentials"):
        ObjectLocation("bucket/key").stream()
