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
  FROM (VALUES ('analyze_threshold_percent', '10'), ('datestyle', ''), ('default_array_search_null_handling', 'on'),
               ('json_parse_dedup_attributes', 'off'), ('navigate_super_null_on_error', 'on'), ('enable_case_sensitive_identifier', 'off'),
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
-- CURRENT_SETTING and SET_CONFIG. A name with a dot is a variable of the session's context, NULL until it is set.
CREATE FUNCTION redshift.current_config(parameter text, missing_ok boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF position('.' IN parameter) > 0 THEN
    RETURN nullif(pg_catalog.current_setting(parameter, true), '');
  ELSIF NOT EXISTS (SELECT FROM redshift.settings WHERE name = lower(parameter)) THEN
    RAISE EXCEPTION 'unrecognized configuration parameter "%"', parameter;
  END IF;
  RETURN redshift.show_setting(lower(parameter));
END $$;
CREATE FUNCTION redshift.change_config(parameter text, value text, is_local boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF lower(parameter) = 'search_path' THEN
    RAISE EXCEPTION 'SET_CONFIG of search_path is not emulated';
  ELSIF position('.' IN parameter) = 0 THEN
    PERFORM redshift.current_config(parameter);
  END IF;
  RETURN pg_catalog.set_config(CASE WHEN position('.' IN parameter) > 0 OR lower(parameter) IN ('datestyle', 'statement_timeout', 'timezone')
    THEN parameter ELSE 'relay.' || lower(parameter) END, value, is_local);
END $$;
