"""What to make and when: production orders, products, units, projects and tenants.

Sales orders and routing's answers come in as events (`handlers`), people's wishes as requests
(`requests`); both load through `store`, let `domain` decide, and save orders with their events.
"""
