"""Spans around handlers and requests; nothing at all unless an OTLP endpoint is configured.

The SDK is imported only then: it costs memory and start time that most processes can save. A batch
holds messages of many traces: each trace gets a span of its own, and an event caused by a message
continues the span that stands for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

Parents = tuple[str | None, ...]
Span = Callable[[str, Parents, dict[str, Any]], AbstractContextManager[None]]

_continuations: ContextVar[Mapping[str | None, str]] = ContextVar("continuations", default={})  # noqa: B039 -- never written to
"""The traceparent of the span in hand, by the traceparent it is a child of."""


def _no_span(_name: str, _parents: Parents, _facts: dict[str, Any]) -> AbstractContextManager[None]:
    return nullcontext()


def _nothing() -> None:
    """Nothing was recorded."""


@dataclass
class _Tracer:
    """The process's tracer; `configure` sets it once at the start."""

    span: Span = _no_span
    end: Callable[[], None] = _nothing


_tracer = _Tracer()


def span(name: str, *, parents: Iterable[str | None], **facts: Any) -> AbstractContextManager[None]:
    """Open a span for each W3C traceparent, and a root where there is none."""
    return _tracer.span(name, tuple(dict.fromkeys(parents)), facts)


def continued(parent: str | None) -> str | None:
    """Tell the traceparent of what is done now because of `parent`."""
    return _continuations.get().get(parent, parent)


def configure(*, service: str, endpoint: str) -> None:
    """Export spans to an OTLP endpoint over HTTP."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 -- see above
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": f"lineside-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces")))
    _tracer.span = _recording(provider.get_tracer("lineside"))
    _tracer.end = provider.shutdown


def end() -> None:
    """Export what is left, and record nothing more."""
    _tracer.end()
    _tracer.span, _tracer.end = _no_span, _nothing


def _recording(tracer: Any) -> Span:
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    propagator = TraceContextTextMapPropagator()

    def opened(stack: ExitStack, name: str, parent: str | None, facts: dict[str, Any]) -> str:
        context = propagator.extract({"traceparent": parent} if parent else {})
        stack.enter_context(tracer.start_as_current_span(name, context=context, attributes=facts))
        carrier: dict[str, str] = {}
        propagator.inject(carrier)
        return carrier["traceparent"]

    @contextmanager
    def recorded(name: str, parents: Parents, facts: dict[str, Any]) -> Iterator[None]:
        with ExitStack() as stack:
            token = _continuations.set({p: opened(stack, name, p, facts) for p in parents})
            stack.callback(_continuations.reset, token)
            yield

    return recorded
