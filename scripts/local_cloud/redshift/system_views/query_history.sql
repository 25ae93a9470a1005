-- SYS_QUERY_HISTORY: the columns that say what ran, how it ended and why. The local cloud filters the rows (history.py).
CREATE FUNCTION redshift.query_history() RETURNS TABLE (
  query_id bigint, user_name text, session_id integer, database_name text, query_type text, status text,
  start_time timestamp, end_time timestamp, error_message text, returned_rows bigint, query_text text
) LANGUAGE sql AS $$
  SELECT * FROM json_to_recordset(redshift.ask(json_build_object('do', 'history'))::json) AS q(
    query_id bigint, user_name text, session_id integer, database_name text, query_type text, status text,
    start_time timestamp, end_time timestamp, error_message text, returned_rows bigint, query_text text)
$$;
CREATE VIEW redshift.sys_query_history AS
  SELECT r.oid::bigint::integer AS user_id, q.query_id, 'default'::character(320) AS query_label, q.session_id,
         q.database_name::character(128) AS database_name, q.query_type::character(32) AS query_type,
         q.status::character(10) AS status, false AS result_cache_hit, q.start_time, q.end_time,
         (extract(epoch FROM coalesce(q.end_time, timezone('UTC', clock_timestamp())) - q.start_time) * 1000000)::bigint
           AS elapsed_time,
         q.error_message::character(512) AS error_message, q.returned_rows,
         q.query_text::character(4000) AS query_text
  FROM redshift.query_history() q LEFT JOIN pg_roles r ON r.rolname = q.user_name;
GRANT SELECT ON redshift.sys_query_history TO PUBLIC;
