"""What a sales system needs to confirm an order: lineside-contracts[publisher] and these lines."""

import asyncio
import sys

import nats

from lineside_contracts.sales import SalesDocument


async def publish(nats_url: str, file: str) -> None:
    with open(file, encoding="utf-8") as handle:  # noqa: ASYNC230, PTH123
        order = SalesDocument.model_validate_json(handle.read())
    client = await nats.connect(nats_url)
    key = {"Nats-Msg-Id": f"{order.tenant_id}:{order.order_number}:{order.revision}"}
    body = order.model_dump_json().encode()
    await client.jetstream().publish("sales.order.confirmed", body, headers=key)
    await client.close()


asyncio.run(publish(sys.argv[1], sys.argv[2]))
