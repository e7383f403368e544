"""A build on Spark gives the bytes of a build without it, and leaves neither key nor plain text anywhere."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from datetime import date
from hashlib import sha256
from pathlib import Path
from random import Random
from time import sleep

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.engines.duckdb.duckdb_index import DuckDBIndex
from narrowgate.adapters.engines.spark.build import build_index_on_spark
from narrowgate.adapters.engines.spark.session import on_executors, session
from narrowgate.adapters.engines.spark.spark_index import SparkIndex
from narrowgate.adapters.engines.spark.tokenize import (
    TokenizeJob,
    fetched_key,
    number_of_shares,
    tokenize_share,
)
from narrowgate.adapters.readers import Source
from narrowgate.core.base.errors import ConfigurationError, NothingToProcessError, UnavailableError
from narrowgate.core.matching.tax_years import ALL_YEARS
from narrowgate.core.matching.token import Token
from narrowgate.core.taxfile.mapping import Mapping, parse_mapping
from narrowgate.entrypoints.sandbox.synthetic import write_world
from narrowgate.index.base import open_base
from narrowgate.index.build import BuildReport
from narrowgate.index.columns import joined
from narrowgate.index.integrity import verify_index
from narrowgate.index.manifest import IndexManifest
from narrowgate.index.street_reference import ReferenceRow
from support.index_worlds import KEY, MAPPING, MAPPING_TEXT, Row, settings, write_rows
from support.postgresql import connection_text
from support.spark_cluster import Cluster


@pytest.fixture
def key_uri(tmp_path: Path) -> str:
    path = tmp_path / "index.key"
    path.write_text(bytes(range(32)).hex())
    path.chmod(0o600)
    return f"file:{path}"


def contents(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def on_both(
    source: Source,
    mapping: Mapping,
    key_uri: str,
    tmp_path: Path,
    cluster: Cluster,
    streets: list[ReferenceRow] | None = None,
) -> tuple[Path, Path, BuildReport]:
    """The same build on DuckDB and on Spark, its quarantines compared, and the report of the latter."""
    homes = tmp_path / "duckdb", tmp_path / "spark"
    for home in homes:
        home.mkdir()
    expected = build_index(source, mapping, homes[0] / "index", KEY, settings(homes[0], streets=streets))
    report = build_index_on_spark(
        source,
        mapping,
        homes[1] / "index",
        key_uri,
        settings(homes[1], streets=streets),
        master=cluster.master,
    )
    assert report == expected
    quarantines = [sorted((home / "quarantine.csv").read_text().splitlines()) for home in homes]
    assert quarantines[0] == quarantines[1]
    return homes[0] / "index", homes[1] / "index", report


def stored_tokens(directory: Path, manifest: IndexManifest, kind: str) -> list[Token]:
    paths = [directory / file.path for file in manifest.files_of(kind)]
    table = pa.concat_tables(pq.read_table(path, columns=["token_high", "token_low"]) for path in paths)
    return joined(table.column(0), table.column(1))


def test_the_demo_world_gives_the_same_bytes_and_every_answer_on_both_engines(
    tmp_path: Path, key_uri: str, cluster: Cluster
) -> None:
    write_world(tmp_path, 2000, 10, 1, date(2026, 3, 2))
    mapping = parse_mapping((tmp_path / "mapping.toml").read_text(), "mapping.toml")
    plain, spark, report = on_both(tmp_path / "records.csv", mapping, key_uri, tmp_path, cluster)
    assert report.counts["excluded_suppressed"] > 0
    assert report.counts["excluded_shared"] > 0
    assert contents(spark) == contents(plain)

    on_duckdb = DuckDBIndex.open(plain, KEY.key_id, spill=tmp_path / "spill")
    on_spark = SparkIndex.open(spark, KEY.key_id, master=cluster.master, spill=tmp_path / "spark-spill")
    random = Random(1)  # noqa: S311 - drawn again alike
    absent = [random.randbytes(16) for _ in range(2000)]
    tokens = [*stored_tokens(plain, report.manifest, "tokens"), *absent]
    masks = [random.choice([ALL_YEARS, 1 << 32, 1 << 33, 1 << 34 | 1 << 63, 0]) for _ in tokens]
    asked = b"".join(token + random.randbytes(16) for token in tokens)
    answers = list(on_duckdb.members(asked, masks))
    assert list(on_spark.members(asked, masks)) == answers
    assert {True, False} == set(answers)
    guards = [*dict.fromkeys(stored_tokens(plain, report.manifest, "guards")), *absent]
    batches = [b"".join(guards[start : start + 1000]) for start in range(0, len(guards), 1000)]
    found = on_duckdb.guards(batches)
    assert on_spark.guards(batches) == found
    assert sum(sum(facts.found) for facts in found) == len(guards) - len(absent)
    assert not (tmp_path / "spark-spill").exists(), "what is asked travels, and lies nowhere"


def crowded_rows() -> list[Row]:
    """Few names, numbers and streets, so that everything a build leaves out or bridges occurs."""
    random = Random(2)  # noqa: S311 - drawn again alike
    rows = [
        Row(
            random.choice(["212345671", "212345672", "212345673", "912701234", "912701235", "", "12"]),
            random.choice(["MARIA", "ROBERT", "ANNA"]),
            random.choice(["GARCIA LOPEZ", "HALVORSEN", "LINDQVIST"]),
            random.choice(["1980-01-02", "1971-05-06", "1972-07-08", ""]),
            f"{random.choice([12, 538])} {random.choice(['HOWELL', 'LOWELL', 'CLIFTON', 'PO BOX'])}"
            f" {random.choice(['AVE', 'ST', '', 'AVE APT 4'])}",
            zip=random.choice(["45220", "45202", ""]),
            tax_year=random.choice(["2021", "2022", "22"]),
        )
        for _ in range(400)
    ]
    return [*rows, rows[0]._replace(tin="333224444", suppressed="yes"), rows[1]._replace(suppressed="maybe")]


def write_row_groups(path: Path, rows: Iterable[Row]) -> Path:
    columns = zip(*rows, strict=True)
    table = pa.table({name: pa.array(column) for name, column in zip(Row._fields, columns, strict=True)})
    pq.write_table(table, path, row_group_size=30)
    return path


def test_several_files_and_a_layer_of_row_groups_are_the_same_bytes_too(
    tmp_path: Path, key_uri: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("narrowgate.index.files.FILE_ROWS", 64)
    rows = crowded_rows()
    first = write_row_groups(tmp_path / "first.parquet", rows[:200])
    streets = [("45220", "HOWELL AVE", ""), ("45220", "LOWELL", "ST"), ("45220", "no street", "")]
    plain, spark, report = on_both(first, MAPPING, key_uri, tmp_path, cluster, streets)
    assert contents(spark) == contents(plain)
    assert report.counts["street_reference"]["known"] == 2
    assert len(report.manifest.files_of("guards")) > 2

    second = write_row_groups(tmp_path / "second.parquet", rows[200:])
    below = open_base(plain, KEY, None)
    upon = build_index(second, MAPPING, tmp_path / "plain-2", KEY, settings(tmp_path), base=below)
    on_spark = build_index_on_spark(
        second,
        MAPPING,
        tmp_path / "spark-2",
        key_uri,
        settings(tmp_path),
        master=cluster.master,
        base=below,
    )
    assert on_spark == upon
    assert upon.counts["excluded_suppressed"] > 0
    assert contents(tmp_path / "spark-2") == contents(tmp_path / "plain-2")


CANARIES = [
    Row("212345671", "QUIXOTRIA", "ZELVANDERHOOK", "1980-01-02", "538 XYLOPHANE AVE", "WOVENGATE", "OH", ""),
    Row("212345672", "QUIXOTRIA", "ZELVANDERHOOK", "", "77 XYLOPHANE AVE", "WOVENGATE", suppressed="yes"),
    Row("212345673", "QUIXOTRIA", "ZELVANDERHOOK", "1971-05-06", "NO XYLOPHANE", "WOVENGATE"),
    Row("21234567X", "QUIXOTRIA", "ZELVANDERHOOK", "", "9 XYLOPHANE ST", "WOVENGATE", tax_year="QXZJV"),
]
SECRET = sha256(b"canary key").digest()
FORBIDDEN = [
    *(text.encode() for text in ("QUIXOTRIA", "ZELVANDER", "XYLOPH", "WOVENG", "QXZJV", "21234567")),
    *(SECRET[:16], SECRET[16:], SECRET.hex().encode()[:32], SECRET.hex().encode()[32:]),
    # as an ``IndexKey`` holds it (RFC 2104)
    *(bytes(byte ^ pad for byte in SECRET[:16]) for pad in (0x36, 0x5C)),
]


def forbidden_in(data: bytes) -> list[bytes]:
    """What must not be in ``data``, in any case of letters."""
    data = data.upper()
    return [text for text in FORBIDDEN if text.upper() in data]


def leaks(roots: Iterable[Path], apart_from: Iterable[Path] = ()) -> dict[str, list[bytes]]:
    """The files that hold something forbidden."""
    files = {path for root in roots for path in [root, *root.rglob("*")] if path.is_file()}
    found = {str(path): forbidden_in(path.read_bytes()) for path in files - set(apart_from)}
    return {path: texts for path, texts in found.items() if texts}


def test_neither_key_nor_plain_text_is_in_any_file_task_or_log_of_spark(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pyspark.serializers import CloudPickleSerializer

    source = write_rows(tmp_path / "records.csv", CANARIES)
    key_file = tmp_path / "index.key"
    key_file.write_text(SECRET.hex())
    key_file.chmod(0o600)
    own = [source, key_file]
    sent: list[bytes] = []
    pickle = CloudPickleSerializer.dumps

    def recorded(serializer: CloudPickleSerializer, value: object) -> bytes:
        sent.append(pickle(serializer, value))
        return sent[-1]

    monkeypatch.setattr(CloudPickleSerializer, "dumps", recorded)
    seen: list[str] = []

    def sign(_: bytes) -> bytes:
        """The last moment of a build: everything it ever wrote is still there."""
        assert leaks([tmp_path, cluster.local.parent], own) == {}
        seen.extend(path.name for root in (tmp_path, cluster.local) for path in root.rglob("*"))
        return b"signed"

    context = session(cluster.master).sparkContext
    assert context.getConf().get("spark.cleaner.referenceTracking") == "false", "files vanish unsearched"
    context.setLogLevel("DEBUG")
    start = cluster.log.stat().st_size
    build_index_on_spark(
        source,
        MAPPING,
        tmp_path / "index",
        f"file:{key_file}",
        settings(tmp_path),
        sign,
        master=cluster.master,
    )
    context.setLogLevel("ERROR")
    assert any(b"tokenize_share" in data for data in sent), "the search missed the tasks"
    assert [found for data in sent if (found := forbidden_in(data))] == []
    assert {"entries.parquet", "sorted-tokens"} <= set(seen)
    assert any(name.startswith("shuffle_") for name in seen), "the search missed Spark's shuffle files"
    assert b" DEBUG " in cluster.log.read_bytes()[start:]
    assert leaks([tmp_path, cluster.local.parent], own) == {}


def test_spark_writes_no_event_log_and_listens_on_loopback_only(cluster: Cluster) -> None:
    conf = session(cluster.master).sparkContext.getConf()
    names = ("spark.eventLog.enabled", "spark.ui.enabled", "spark.driver.host", "spark.driver.bindAddress")
    assert [conf.get(name) for name in names] == ["false", "false", "127.0.0.1", "127.0.0.1"]
    assert not [setting for setting in conf.getAll() if setting[0].startswith("spark.executorEnv")]


def test_an_error_on_an_executor_is_the_error_of_a_build_without_spark(
    tmp_path: Path, key_uri: str, cluster: Cluster
) -> None:
    source = tmp_path / "records.csv"
    with source.open("w", newline="") as handle:
        csv.writer(handle).writerows([["tin", "given_names"], ["212345671", "QUIXOTRIA"]])
    with pytest.raises(ConfigurationError) as plain:
        build_index(source, MAPPING, tmp_path / "index", KEY, settings(tmp_path))
    with pytest.raises(ConfigurationError) as on_spark:
        build_index_on_spark(
            source, MAPPING, tmp_path / "index", key_uri, settings(tmp_path), master=cluster.master
        )
    assert str(on_spark.value) == str(plain.value)
    assert not (tmp_path / "index").exists()


def test_progress_counts_the_tasks_that_are_done(cluster: Cluster) -> None:
    told: list[tuple[str, int, int | None]] = []
    naps = [0.5, 0.5, 3.0, 3.0]
    on_executors(session(cluster.master), sleep, naps, lambda *one: told.append(one), "naps")
    assert ("naps", 2, 4) in told
    assert {(stage, total) for stage, _, total in told} == {("naps", 4)}
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_source_without_rows_is_no_index(tmp_path: Path, key_uri: str, cluster: Cluster) -> None:
    source = write_rows(tmp_path / "records.csv", [])
    with pytest.raises(NothingToProcessError):
        build_index_on_spark(
            source, MAPPING, tmp_path / "index", key_uri, settings(tmp_path), master=cluster.master
        )


def test_a_changed_data_file_gives_no_answer(tmp_path: Path, cluster: Cluster) -> None:
    source = write_rows(tmp_path / "records.csv", crowded_rows()[:20])
    build_index(source, MAPPING, tmp_path / "index", KEY, settings(tmp_path))
    (file,) = verify_index(tmp_path / "index", None).files_of("tokens")
    path = tmp_path / "index" / file.path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    index = SparkIndex.open(tmp_path / "index", KEY.key_id, master=cluster.master, spill=tmp_path / "spill")
    with pytest.raises(UnavailableError):
        index.members(bytes.fromhex(file.first) + bytes(16), [ALL_YEARS])


def test_an_executor_with_another_key_refuses_to_work(key_uri: str) -> None:
    assert fetched_key(key_uri, KEY.key_id) == KEY
    with pytest.raises(ConfigurationError, match="An executor found key"):
        fetched_key(key_uri, "0123456789abcdef")


def test_a_task_that_runs_twice_leaves_the_same_tokens_once(tmp_path: Path, key_uri: str) -> None:
    source = write_rows(tmp_path / "records.csv", crowded_rows())
    job = TokenizeJob(source, None, MAPPING, key_uri, KEY.key_id, tmp_path / "parts", 1)
    job.parts.mkdir()
    tally = tokenize_share(job, 0)
    left = contents(job.parts)
    assert tokenize_share(job, 0) == tally
    assert contents(job.parts) == left


@pytest.mark.parametrize("write", [write_rows, write_row_groups])
@pytest.mark.parametrize("shares", [1, 3, 40])
def test_the_shares_of_a_source_are_all_its_rows_once(
    tmp_path: Path, key_uri: str, write: Callable[[Path, Iterable[Row]], Path], shares: int
) -> None:
    ending = ".csv" if write is write_rows else ".parquet"
    source = write(tmp_path / f"records{ending}", crowded_rows())
    job = TokenizeJob(source, None, MAPPING, key_uri, KEY.key_id, tmp_path / "parts", shares)
    job.parts.mkdir()
    rows = [tokenize_share(job, share).rows_read for share in range(shares)]
    assert sum(rows) == len(crowded_rows())
    assert number_of_shares(source, MAPPING, 2) >= 2


def test_a_database_is_read_by_this_process_and_its_password_stays_there(
    tmp_path: Path, key_uri: str, cluster: Cluster, postgresql: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    psycopg = pytest.importorskip("psycopg")
    from pyspark.serializers import CloudPickleSerializer

    password = "hush-QXZJV"
    database = f"{connection_text(postgresql)} password={password}"
    rows = crowded_rows()
    with psycopg.connect(database) as connection:
        connection.execute(f"CREATE TABLE spark_filers ({', '.join(f'{name} text' for name in Row._fields)})")
        with connection.cursor().copy("COPY spark_filers FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    source = ["[source]", 'format = "postgresql"', 'query = "SELECT * FROM spark_filers"', MAPPING_TEXT]
    mapping = parse_mapping("\n".join(source), "mapping.toml")
    sent: list[bytes] = []
    pickle = CloudPickleSerializer.dumps

    def recorded(serializer: CloudPickleSerializer, value: object) -> bytes:
        sent.append(pickle(serializer, value))
        return sent[-1]

    monkeypatch.setattr(CloudPickleSerializer, "dumps", recorded)
    plain, spark, report = on_both(database, mapping, key_uri, tmp_path, cluster)
    assert contents(spark) == contents(plain)
    assert report.counts["rows_read"] == len(rows)
    assert sent
    assert [data for data in sent if password.encode() in data] == []
    assert [
        path for root in (tmp_path, cluster.local) for path in root.rglob("*")
        if path.is_file() and password.encode() in path.read_bytes()
    ] == []  # fmt: skip


def test_a_process_has_one_cluster(cluster: Cluster) -> None:
    assert session(cluster.master) is session(cluster.master)
    with pytest.raises(ConfigurationError, match="another master"):
        session("local[3]")


def test_without_java_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match="Install Java 17"):
        session("local[2]")
