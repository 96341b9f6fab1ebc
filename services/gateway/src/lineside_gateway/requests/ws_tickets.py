"""The route that gives out WebSocket tickets."""

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lineside_contracts.values import Frozen
from lineside_gateway.requests import problem_codes, signatures
from lineside_gateway.requests.gate import Gate
from lineside_gateway.store.tickets import Tickets

CREATED = 201


class WebSocketTicket(Frozen):
    """Connect to /ws?ticket=… with it, once and soon."""

    ticket: str
    expires_in_seconds: float = Field(description="How long it may be redeemed.")


def add_tickets(router: APIRouter, gate: Gate, tickets: Tickets) -> None:
    """Give a ticket to whoever is authenticated; what they see follows from their permissions."""

    async def issue(request: Request) -> Response:
        asker = await gate.admit(request, None)
        ticket = WebSocketTicket(
            ticket=await tickets.issue(asker.identity), expires_in_seconds=tickets.seconds
        )
        headers = {"Cache-Control": "no-store"}
        return JSONResponse(ticket.model_dump(), status_code=CREATED, headers=headers)

    router.add_api_route(
        "/ws-tickets",
        signatures.documented(issue, [], codes=problem_codes.AT_THE_GATE),
        methods=["POST"],
        status_code=CREATED,
        response_model=WebSocketTicket,
        summary="Get a WebSocket ticket",
        description="A ticket stands for the token that asked for it, once.",
        operation_id="ws_ticket_create",
        route_class_override=signatures.DoorRoute,
    )
