-- EXPLAIN: PostgreSQL's plan, with Redshift's mark XN before each step ("EXPLAIN").
CREATE FUNCTION redshift.explain(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || statement LOOP
    RETURN NEXT CASE WHEN line LIKE '%(cost=%' THEN regexp_replace(line, '^( *(-> +)?)', '\1XN ') ELSE line END;
  END LOOP;
END $$;
