GRANT SELECT ON sales.orders TO "${gateway_user}"
