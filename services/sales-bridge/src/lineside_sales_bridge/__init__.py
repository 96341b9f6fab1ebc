"""The only door for sales systems: what they send becomes one canonical order, or a clear refusal.

Documents come in over NATS, signed webhooks, requests and files; `adapters` bring them to one form,
`domain` judges them, `intake` lets a batch take effect once, and `handlers` tell the sales system
what became of its order.
"""
