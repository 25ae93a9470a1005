-- DECLARE works in a transaction block only, and one cursor can be open at a time ("DECLARE", Cursor constraints).
CREATE FUNCTION redshift.check_cursor() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF transaction_timestamp() >= statement_timestamp() THEN
    RAISE no_active_sql_transaction USING MESSAGE = 'DECLARE CURSOR may only be used in transaction blocks';
  END IF;
  IF EXISTS (SELECT FROM pg_cursors WHERE NOT is_holdable AND name NOT LIKE '<%') THEN
    RAISE EXCEPTION 'only one cursor can be open in a session';
  END IF;
END $$;
