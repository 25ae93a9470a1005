-- How many blocks with a handler are open (procedures/body.py). An error restores the number of its block's start, since
-- PostgreSQL undoes the settings of a subtransaction.
CREATE FUNCTION redshift.handled(change integer) RETURNS void LANGUAGE sql AS $$
  SELECT set_config('relay.handled', (redshift.handled_blocks() + change)::text, true) $$;
CREATE FUNCTION redshift.handled_blocks() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('relay.handled', true), ''), '0')::integer $$;
-- Outside a transaction block, the transaction starts with the statement, or later if the procedure has ended one.
CREATE FUNCTION redshift.may_end_transaction() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT redshift.handled_blocks() = 0 AND transaction_timestamp() >= statement_timestamp() $$;
-- COMMIT, ROLLBACK and TRUNCATE of a procedure that was called in a transaction block ("Managing transactions").
CREATE FUNCTION redshift.check_transaction(command text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF transaction_timestamp() < statement_timestamp() THEN
    RAISE invalid_transaction_termination USING MESSAGE =
      command || ' cannot be invoked from a procedure that is executing in an atomic context.';
  END IF;
END $$;
-- Whether the dynamic statement before was a TRUNCATE, which redshift.translate has noted; asked once.
CREATE FUNCTION redshift.truncated() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('relay.truncated', true), '') = '' THEN
    RETURN false;
  END IF;
  PERFORM set_config('relay.truncated', '', true);
  RETURN true;
END $$;
