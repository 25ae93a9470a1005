CREATE PROCEDURE ${schema}.clean() AS $$
BEGIN${crlf}    DELETE FROM "${schema}"."Taxi trips";
END;
$$ LANGUAGE plpgsql;
