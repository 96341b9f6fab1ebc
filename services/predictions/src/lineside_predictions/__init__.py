"""When will it really be ready: delivery predictions per project, from events alone.

Hears what is planned, what the floor reports and what its lanes do, and its own timers;
says `delivery_prediction.updated` when a project's date, confidence or set of orders changes.
"""
