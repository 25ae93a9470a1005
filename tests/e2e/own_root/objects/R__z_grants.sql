GRANT USAGE ON SCHEMA sales TO "${gateway_user}"
