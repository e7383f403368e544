"""The pages about observing have the program's own tables, and rules over metrics that exist."""

from __future__ import annotations

import re

import yaml

from narrowgate.entrypoints.observability.keys import FORMS, Event
from narrowgate.entrypoints.observability.meters import METERS, Kind
from narrowgate.entrypoints.observability.readiness import TEXTS
from support.requests import PROJECT

REFERENCE = (PROJECT / "docs" / "reference" / "observability.md").read_text(encoding="utf-8")
HOW_TO = (PROJECT / "docs" / "how-to" / "observe.md").read_text(encoding="utf-8")


def key_rows() -> list[str]:
    return [f"| `{key.value}` | {form.words} |" for key, form in FORMS.items()]


def meter_rows() -> list[str]:
    rows = []
    for meter in METERS:
        labels = "; ".join(
            f"`{name}`" + (": " + ", ".join(f"`{value}`" for value in values) if values else "")
            for name, values in meter.labels.items()
            if name not in {"version", "state_schema"}
        )
        if not labels and meter.labels:
            labels = ", ".join(f"`{name}`" for name in meter.labels)
        services = ", ".join(sorted(meter.services))
        rows.append(f"| `{meter.name}` | {meter.kind.value} | {labels} | {services} | {meter.help} |")
    return rows


def check_rows() -> list[str]:
    return [f"| `{check.value}` | {what} | {step} |" for check, (what, step) in TEXTS.items()]


def test_every_key_event_metric_and_check_is_in_the_reference() -> None:
    missing = [row for row in (*key_rows(), *meter_rows(), *check_rows()) if row not in REFERENCE]
    assert missing == []
    assert [event for event in Event if f"| `{event.value}` |" not in REFERENCE] == []


def test_names_of_metrics_follow_the_conventions_of_prometheus() -> None:
    units = ("_seconds", "_bytes", "_info")
    for meter in METERS:
        assert re.fullmatch(r"narrowgate_[a-z]+(_[a-z]+)*", meter.name), meter.name
        assert meter.name.endswith("_total") is (meter.kind is Kind.COUNTER), meter.name
        assert not re.search(r"_(ms|milliseconds|kb|mb|minutes)(_|$)", meter.name), meter.name
        if meter.kind is Kind.HISTOGRAM:
            assert meter.name.endswith(units), meter.name
        assert not re.search(r"confirm|outcome|answer_", meter.name), meter.name


def test_the_rules_of_the_page_name_metrics_and_label_values_that_exist() -> None:
    (rules,) = re.findall(r"```yaml\n(.*?)```", HOW_TO, re.DOTALL)
    known = {meter.name: meter for meter in METERS}
    named = re.findall(r"\b(narrowgate_\w+)(?:\{([^}]*)\})?", rules)
    assert len(named) >= 10
    for name, selectors in named:
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        assert base in known, name
        for label, value in re.findall(r'(\w+)(?:=|!=|=~)"([^"]*)"', selectors):
            values = known[base].labels[label]
            assert not values or value in values, (name, label, value)
    alerts = yaml.safe_load(rules)["groups"][0]["rules"]
    assert len({alert["alert"] for alert in alerts}) == len(alerts) == rules.count("- alert:")
    assert all(alert["expr"] and alert["annotations"]["next"] for alert in alerts)
