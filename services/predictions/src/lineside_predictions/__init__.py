"""When will it really be ready: delivery predictions per project, from events alone.

Hears expansions, changes and cancellations of production orders and the progress of work orders;
says `delivery_prediction.updated` when a project's date, confidence or set of orders changes.
"""
