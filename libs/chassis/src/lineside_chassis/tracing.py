"""Spans around handlers and requests; nothing at all unless an OTLP endpoint is configured.

The SDK is imported only then: it costs memory and start time that most processes can save.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

Span = Callable[[str, str | None, dict[str, Any]], AbstractContextManager[None]]


def _no_span(
    _name: str, _parent: str | None, _facts: dict[str, Any]
) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass
class _Tracer:
    """The process's tracer; `configure` sets it once at the start."""

    span: Span = _no_span


_tracer = _Tracer()


def span(name: str, *, parent: str | None, **facts: Any) -> AbstractContextManager[None]:
    """Open a span, a child of a W3C traceparent where there is one."""
    return _tracer.span(name, parent, facts)


def configure(*, service: str, endpoint: str) -> None:
    """Export spans to an OTLP endpoint over HTTP."""
    from opentelemetry import trace  # noqa: PLC0415 -- see the module's docstring
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    provider = TracerProvider(resource=Resource.create({"service.name": f"lineside-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces")))
    trace.set_tracer_provider(provider)
    tracer = trace.get_tracer("lineside")
    propagator = TraceContextTextMapPropagator()

    @contextmanager
    def recorded(name: str, parent: str | None, facts: dict[str, Any]) -> Iterator[None]:
        context = propagator.extract({"traceparent": parent} if parent else {})
        with tracer.start_as_current_span(name, context=context, attributes=facts):
            yield

    _tracer.span = recorded
