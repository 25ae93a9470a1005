-- SHOW: the settings of "Configuration reference", Amazon Redshift Database Developer Guide. Those that PostgreSQL does
-- not know are its settings relay.<name>; the list gives their defaults.
CREATE VIEW redshift.settings AS
  SELECT s.name, CASE s.name
      WHEN 'search_path' THEN replace(regexp_replace(current_setting('search_path'), ',? ?redshift, pg_catalog$', ''),
                                      '"$user"', '$user')
      WHEN 'datestyle' THEN current_setting('datestyle')
      WHEN 'statement_timeout' THEN (SELECT setting FROM pg_settings WHERE pg_settings.name = 'statement_timeout')
      WHEN 'timezone' THEN current_setting('timezone')
      ELSE coalesce(nullif(current_setting('relay.' || s.name, true), ''), s.fallback)
    END AS setting
  FROM (VALUES ('analyze_threshold_percent', '10'), ('datestyle', ''), ('enable_case_sensitive_identifier', 'off'),
               ('enable_case_sensitive_super_attribute', 'off'), ('enable_result_cache_for_session', 'on'),
               ('enable_vacuum_boost', 'off'), ('extra_float_digits', '0'), ('mv_enable_aqmv_for_session', 'on'),
               ('query_group', 'unset'), ('search_path', ''), ('statement_timeout', ''), ('timezone', ''),
               ('wlm_query_slot_count', '1')) AS s(name, fallback);
GRANT SELECT ON redshift.settings TO PUBLIC;
CREATE FUNCTION redshift.show_setting(parameter text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN CASE WHEN position('.' IN parameter) > 0 THEN current_setting(parameter)
              ELSE (SELECT setting FROM redshift.settings WHERE name = parameter) END;
END $$;
