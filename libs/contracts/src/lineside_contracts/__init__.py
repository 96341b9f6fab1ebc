"""Events, requests, answers, ids, quantities and units of Lineside, as frozen pydantic models."""
