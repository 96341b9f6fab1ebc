"""Spans reach an OTLP collector, and what is said continues the span of the handler."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from lineside_chassis import tracing
from lineside_chassis.consumers import Consumer
from lineside_contracts import streams
from lineside_contracts.envelope import Envelope

PARENTS = [f"00-{number * 32}-{number * 16}-01" for number in "ab"]


@dataclass
class Collector:
    """What an OTLP endpoint was told."""

    url: str
    exported: list[ExportTraceServiceRequest] = field(default_factory=list)

    @property
    def spans(self) -> list[Any]:
        return [
            span
            for export in self.exported
            for resource in export.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.exported.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


async def test_what_a_handler_says_continues_its_span(rig: Any, until: Any, collector: Any) -> None:
    consumer = Consumer("trial-things")
    sizes = []

    @consumer.on_batch(rig.made)
    async def copy(uow: Any, events: Any) -> None:
        sizes.append(len(events))
        for event in events:
            uow.emit(rig.copied(thing=event.payload.thing), caused_by=event.envelope)

    for parent in PARENTS:
        await rig.publish(rig.event(), traceparent=parent)
    tracing.configure(service="trial", endpoint=collector.url)
    try:
        await rig.start(consumers=[consumer])

        async def copies() -> Any:
            found = [Envelope.from_headers(m.headers) for m in await rig.messages(streams.EVENTS)]
            copied = [a for a in found if a.event_type == rig.copied.EVENT.wire_name]
            return copied if len(copied) == len(PARENTS) else None

        said = [about.trace_parent for about in await until(copies)]
        await rig.stop()
    finally:
        await asyncio.to_thread(tracing.end)
    assert sizes == [2]
    spans = [span for span in collector.spans if span.name == "consume trial-things"]
    assert [f"00-{s.trace_id.hex()}-{s.parent_span_id.hex()}-01" for s in spans[::-1]] == PARENTS
    assert [f"00-{s.trace_id.hex()}-{s.span_id.hex()}-01" for s in spans[::-1]] == said


def test_nothing_is_continued_where_nothing_is_recorded() -> None:
    with tracing.span("consume", parents=PARENTS):
        assert tracing.continued(PARENTS[0]) == PARENTS[0]
