-- SYS_QUERY_HISTORY and SYS_LOAD_HISTORY: the pages with these names, Amazon Redshift Database Developer Guide. The local
-- cloud filters the rows (history.py). What is not measured here is NULL. Texts can have letters beyond ASCII.
CREATE FUNCTION redshift.query_history() RETURNS TABLE (
  query_id bigint, user_name text, session_id integer, database_name text, query_type text, status text,
  start_time timestamp, end_time timestamp, error_message text, returned_rows bigint, query_text text, query_label text
) LANGUAGE sql AS $$
  SELECT * FROM json_to_recordset(redshift.ask(json_build_object('do', 'history'))::json) AS q(
    query_id bigint, user_name text, session_id integer, database_name text, query_type text, status text,
    start_time timestamp, end_time timestamp, error_message text, returned_rows bigint, query_text text, query_label text)
$$;
CREATE FUNCTION redshift.microseconds(started timestamp, ended timestamp) RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT (extract(epoch FROM coalesce(ended, timezone('UTC', clock_timestamp())) - started) * 1000000)::bigint $$;
CREATE VIEW redshift.sys_query_history AS
  SELECT r.oid::bigint::integer AS user_id, q.query_id, q.query_label::character(320) AS query_label,
         NULL::bigint AS transaction_id, q.session_id, q.database_name::character(128) AS database_name,
         q.query_type::character(32) AS query_type, q.status::character(10) AS status, false AS result_cache_hit,
         q.start_time, q.end_time, redshift.microseconds(q.start_time, q.end_time) AS elapsed_time, 0::bigint AS queue_time,
         redshift.microseconds(q.start_time, q.end_time) AS execution_time, left(q.error_message, 512)::bpchar AS error_message,
         q.returned_rows, NULL::bigint AS returned_bytes, left(q.query_text, 4000)::bpchar AS query_text,
         'Redshift 1.0.12103'::character(256) AS redshift_version, NULL::character(150) AS usage_limit,
         NULL::character varying(32) AS compute_type, NULL::bigint AS compile_time, NULL::bigint AS planning_time,
         NULL::bigint AS lock_wait_time
  FROM redshift.query_history() q LEFT JOIN pg_roles r ON r.rolname = q.user_name;

CREATE VIEW redshift.sys_load_history AS
  SELECT r.oid::bigint::integer AS user_id, l.query_id, NULL::bigint AS transaction_id, l.session_id, l.database_name, l.status,
         l.table_name, l.start_time, l.end_time, redshift.microseconds(l.start_time, l.end_time) AS duration, l.data_source,
         l.file_format, l.loaded_rows, l.loaded_bytes, l.source_file_count, NULL::bigint AS source_file_bytes,
         l.source_file_count AS file_count_scanned, NULL::bigint AS file_bytes_scanned, l.error_count, NULL::bigint AS copy_job_id
  FROM json_to_recordset(redshift.ask(json_build_object('do', 'load history'))::json) AS l(
    query_id bigint, user_name text, session_id integer, database_name text, status text, table_name text, start_time timestamp,
    end_time timestamp, data_source text, file_format text, loaded_rows bigint, loaded_bytes bigint, source_file_count integer,
    error_count bigint) LEFT JOIN pg_roles r ON r.rolname = l.user_name;
GRANT SELECT ON redshift.sys_query_history, redshift.sys_load_history TO PUBLIC;
