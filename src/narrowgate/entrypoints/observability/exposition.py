"""Readings as Prometheus collects them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from narrowgate.adapters.http.tls_server import BoundedServer
from narrowgate.core.base.errors import REPORT_IT, OperationalError
from narrowgate.entrypoints.observability import meters
from narrowgate.entrypoints.observability.meters import METERS, Kind, Meter, Reading
from narrowgate.entrypoints.observability.requests import BUCKETS, RequestTally

Source = Callable[[], Iterable[Reading]]


class Readout(Collector):
    """All that the sources of a service tell at a scrape, and nothing of its process.

    The seconds that a process worked would say how long a package took.

    Args:
        sources: each called once a scrape.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = tuple(sources)

    def collect(self) -> Iterator[Metric]:
        """Every metric that has a reading, in the order of the table.

        Raises:
            OperationalError: a reading has a label value that its metric may not have.
        """
        read = [reading for source in self._sources for reading in source()]
        for meter in METERS:
            found = [reading for reading in read if reading.meter is meter]
            if found:
                yield _family(meter, found)


def _family(meter: Meter, readings: list[Reading]) -> Metric:
    names = list(meter.labels)
    family: CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
    if meter.kind is Kind.HISTOGRAM:
        family = HistogramMetricFamily(meter.name, meter.help, labels=names)
    elif meter.kind is Kind.COUNTER:
        family = CounterMetricFamily(meter.name, meter.help, labels=names)
    else:
        family = GaugeMetricFamily(meter.name, meter.help, labels=names)
    for reading in readings:
        if not meter.may_have(reading.labels):
            raise OperationalError("A metric has a label that its table does not know.", next_step=REPORT_IT)
        values = [str(reading.labels[name]) for name in names]
        if isinstance(family, HistogramMetricFamily):
            bounds = [*BUCKETS, float("inf")]
            counts = accumulate(reading.within.get(bound, 0) for bound in bounds)
            family.add_metric(
                values, [(_bound(b), count) for b, count in zip(bounds, counts, strict=True)], reading.value
            )
        else:
            family.add_metric(values, reading.value)
    return family


def _bound(bound: float) -> str:
    return "+Inf" if bound == float("inf") else str(bound)


def readings_of(tally: RequestTally) -> Iterator[Reading]:
    """What was counted of the requests of a service."""
    seen = tally.snapshot()
    yield Reading(meters.IN_PROGRESS, seen.in_progress)
    for (route, method, status), count in seen.requests.items():
        labels = {"route": route, "method": method, "status": status}
        yield Reading(meters.REQUESTS, count, labels)
    for route in seen.seconds:
        yield Reading(meters.RECEIVED, seen.received[route], {"route": route})
        yield Reading(meters.SENT, seen.sent[route], {"route": route})
        within = {bound: count for (each, bound), count in seen.within.items() if each == route}
        yield Reading(meters.DURATION, seen.seconds[route], {"route": route}, within)


def connections_of(server: BoundedServer) -> Iterator[Reading]:
    """What was counted of the connections of a server."""
    yield Reading(meters.CONNECTIONS, server.open_connections)
    for reason in meters.Refused:
        yield Reading(meters.REFUSED, server.refused[reason.value], {"reason": reason.value})
