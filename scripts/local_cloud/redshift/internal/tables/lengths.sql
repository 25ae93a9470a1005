-- VARCHAR(n) and CHAR(n) count bytes, and CHAR takes one-byte characters only ("Character types", Amazon Redshift Database
-- Developer Guide). PostgreSQL counts characters, so its length coercions are exchanged in the catalog of casts. They are
-- in plpgsql because an inlined function would lose the length that results report.
CREATE FUNCTION redshift.varchar_length(x varchar, modifier integer, is_explicit boolean) RETURNS varchar
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF octet_length(x) <= modifier - 4 OR modifier < 4 THEN
    RETURN x;
  END IF;
  IF NOT is_explicit AND octet_length(rtrim(x, ' ')) > modifier - 4 THEN
    RAISE string_data_right_truncation USING MESSAGE = format('value too long for type character varying(%s)', modifier - 4);
  END IF;
  RETURN redshift.first_bytes(x, modifier - 4);
END $$;
CREATE FUNCTION redshift.char_length(x bpchar, modifier integer, is_explicit boolean) RETURNS bpchar
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF octet_length(x) <> pg_catalog.char_length(x) AND octet_length(x::text) <> pg_catalog.char_length(x::text) THEN
    RAISE string_data_right_truncation USING MESSAGE = 'multibyte character not supported for CHAR (Hint: try using VARCHAR)';
  END IF;
  RETURN pg_catalog.bpchar(x, modifier, is_explicit);
END $$;
-- Whole characters only: of 'äää' the first 5 bytes are 'ää'.
CREATE FUNCTION redshift.first_bytes(x text, bytes integer) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  raw bytea := convert_to(x, 'UTF8');
  size integer := bytes;
BEGIN
  WHILE size > 0 AND size < octet_length(raw) AND get_byte(raw, size) & 192 = 128 LOOP
    size := size - 1;
  END LOOP;
  RETURN convert_from(substr(raw, 1, size), 'UTF8');
END $$;

-- Boolean has no cast to text.
CREATE FUNCTION redshift.boolean_text(x boolean) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RAISE cannot_coerce USING MESSAGE = 'cannot cast type boolean to character varying';
END $$;
UPDATE pg_catalog.pg_cast SET castfunc = 'redshift.varchar_length'::regproc WHERE castsource = 1043 AND casttarget = 1043;
UPDATE pg_catalog.pg_cast SET castfunc = 'redshift.char_length(bpchar, integer, boolean)'::regprocedure
  WHERE castsource = 1042 AND casttarget = 1042;
UPDATE pg_catalog.pg_cast SET castfunc = 'redshift.boolean_text'::regproc WHERE castsource = 16 AND casttarget IN (25, 1042, 1043);
