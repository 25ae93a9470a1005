-- As the example's load: whatever fails before COMMIT leaves the rows as they were.
CREATE OR REPLACE PROCEDURE public.${table}_load()
AS $$
BEGIN
    LOCK public.${table}_staging;
    DELETE FROM public.${table}_staging;
    COPY public.${table}_staging (day, vendor, fare)
    FROM '${s3_uri}'
    IAM_ROLE ${copy_role}
    REGION '${s3_region}'
    DELIMITER '|'
    DATEFORMAT 'auto';
    DELETE FROM public.${table}_trips;
    INSERT INTO public.${table}_trips SELECT * FROM public.${table}_staging;
    COMMIT;
    REFRESH MATERIALIZED VIEW public.${table}_per_day;
END;
$$ LANGUAGE plpgsql;
