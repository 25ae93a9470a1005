-- SYS_LOAD_ERROR_DETAIL and STL_LOAD_ERRORS.
CREATE TABLE redshift.load_errors (
  query_id bigint,
  user_id integer, transaction_id bigint, session_id integer, database_name text, table_id integer, table_name text,
  start_time timestamp, file_name text, line_number bigint, column_name text, column_type text, column_length text,
  position integer, raw_line text, raw_field_value text, error_code integer, error_message text
);
-- Users see their own rows. A user who may create users sees all rows, as a superuser does in Redshift.
CREATE VIEW redshift.own_load_errors AS
  SELECT e.* FROM redshift.load_errors e JOIN pg_roles r ON r.rolname = current_user
  WHERE e.user_id = r.oid::bigint OR r.rolcreaterole;
CREATE VIEW redshift.sys_load_error_detail AS
  SELECT user_id, query_id, transaction_id, session_id, database_name::character(64) AS database_name, table_id,
         start_time, file_name::character(256) AS file_name, line_number, column_name::character(127) AS column_name,
         column_type::character(10) AS column_type, column_length::character(10) AS column_length, position, error_code,
         error_message::character(512) AS error_message
  FROM redshift.own_load_errors;
CREATE VIEW redshift.stl_load_errors AS
  SELECT user_id AS userid, 0 AS slice, table_id AS tbl, start_time AS starttime, session_id AS session,
         query_id::integer AS query, file_name::character(256) AS filename, line_number,
         column_name::character(127) AS colname, column_type::character(10) AS type,
         column_length::character(10) AS col_length, position, raw_line::character(1024) AS raw_line,
         raw_field_value::character(1024) AS raw_field_value, error_code AS err_code,
         error_message::character(100) AS err_reason, 0 AS is_partial, 0 AS start_offset, NULL::bigint AS copy_job_id
  FROM redshift.own_load_errors;
GRANT SELECT ON redshift.sys_load_error_detail, redshift.stl_load_errors TO PUBLIC;
