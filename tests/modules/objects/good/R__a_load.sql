CREATE OR REPLACE PROCEDURE ${schema}.load(
    day DATE,
    INOUT price numeric(10,2)
)
AS $$
BEGIN
    CREATE TABLE ${schema}.scratch (id INTEGER);
    DROP TABLE ${schema}.scratch;
END;
$$ LANGUAGE plpgsql;
