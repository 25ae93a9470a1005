-- Comparisons of text ignore trailing blanks, as Redshift's do for CHAR and VARCHAR ("Significance of trailing blanks",
-- Amazon Redshift Database Developer Guide). PostgreSQL does so for bpchar only, so its functions for bpchar, which
-- have the same layout, serve text here. The operators win by the search_path. GROUP BY, DISTINCT, ORDER BY and UNION
-- follow the default operator class, which a second one can only replace in the catalog. LIKE and LEN count blanks.
CREATE FUNCTION redshift.text_eq(text, text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bpchareq';
CREATE FUNCTION redshift.text_ne(text, text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bpcharne';
CREATE FUNCTION redshift.text_lt(text, text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bpcharlt';
CREATE FUNCTION redshift.text_le(text, text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bpcharle';
CREATE FUNCTION redshift.text_gt(text, text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bpchargt';
CREATE FUNCTION redshift.text_ge(text, text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bpcharge';
CREATE FUNCTION redshift.text_cmp(text, text) RETURNS integer LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'bpcharcmp';
CREATE FUNCTION redshift.text_sort(internal) RETURNS void LANGUAGE internal IMMUTABLE STRICT AS 'bpchar_sortsupport';
CREATE FUNCTION redshift.text_hash(text) RETURNS integer LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashbpchar';
CREATE FUNCTION redshift.text_hash(text, bigint) RETURNS bigint LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE
  AS 'hashbpcharextended';

CREATE OPERATOR redshift.= (FUNCTION = redshift.text_eq, LEFTARG = text, RIGHTARG = text, COMMUTATOR = OPERATOR(redshift.=),
  NEGATOR = OPERATOR(redshift.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR redshift.<> (FUNCTION = redshift.text_ne, LEFTARG = text, RIGHTARG = text,
  COMMUTATOR = OPERATOR(redshift.<>), NEGATOR = OPERATOR(redshift.=), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR redshift.< (FUNCTION = redshift.text_lt, LEFTARG = text, RIGHTARG = text,
  COMMUTATOR = OPERATOR(redshift.>), NEGATOR = OPERATOR(redshift.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR redshift.<= (FUNCTION = redshift.text_le, LEFTARG = text, RIGHTARG = text,
  COMMUTATOR = OPERATOR(redshift.>=), NEGATOR = OPERATOR(redshift.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR redshift.> (FUNCTION = redshift.text_gt, LEFTARG = text, RIGHTARG = text,
  COMMUTATOR = OPERATOR(redshift.<), NEGATOR = OPERATOR(redshift.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR redshift.>= (FUNCTION = redshift.text_ge, LEFTARG = text, RIGHTARG = text,
  COMMUTATOR = OPERATOR(redshift.<=), NEGATOR = OPERATOR(redshift.<), RESTRICT = scalargesel, JOIN = scalargejoinsel);

UPDATE pg_catalog.pg_opclass SET opcdefault = false WHERE opcname = 'text_ops' AND opcnamespace = 'pg_catalog'::regnamespace
  AND opcmethod IN (SELECT oid FROM pg_catalog.pg_am WHERE amname IN ('btree', 'hash'));
CREATE OPERATOR CLASS redshift.text_ops DEFAULT FOR TYPE text USING btree AS
  OPERATOR 1 redshift.<, OPERATOR 2 redshift.<=, OPERATOR 3 redshift.=, OPERATOR 4 redshift.>=, OPERATOR 5 redshift.>,
  FUNCTION 1 redshift.text_cmp(text, text), FUNCTION 2 redshift.text_sort(internal);
CREATE OPERATOR CLASS redshift.text_ops DEFAULT FOR TYPE text USING hash AS
  OPERATOR 1 redshift.=, FUNCTION 1 redshift.text_hash(text), FUNCTION 2 redshift.text_hash(text, bigint);
