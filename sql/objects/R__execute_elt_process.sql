-- Replaces the trips with the files below ${s3_uri} and refreshes the view.
-- Whatever fails before COMMIT leaves the trips as they were: TRUNCATE would commit at once, DELETE does not.
CREATE OR REPLACE PROCEDURE public.execute_elt_process()
AS $$
DECLARE
    loaded BIGINT;
BEGIN
    -- First of all, so that of two loads the second waits here for the first one's COMMIT.
    LOCK public.nyc_yellow_taxi_staging;

    DELETE FROM public.nyc_yellow_taxi_staging;

    COPY public.nyc_yellow_taxi_staging (
        pickup_date, pickup_datetime, dropoff_datetime, ratecode, passenger_count,
        trip_distance, fare_amount, total_amount, payment_type, vendorid
    )
    FROM '${s3_uri}'
    IAM_ROLE ${copy_role}
    REGION '${s3_region}'
    ${copy_compression}
    DELIMITER '|'
    EMPTYASNULL
    DATEFORMAT 'auto'
    TIMEFORMAT 'auto';

    SELECT COUNT(*) INTO loaded FROM public.nyc_yellow_taxi_staging;
    IF loaded = 0 THEN
        RAISE EXCEPTION 'No rows were loaded: the trips stay as they were.';
    END IF;

    DELETE FROM public.nyc_yellow_taxi;
    INSERT INTO public.nyc_yellow_taxi SELECT * FROM public.nyc_yellow_taxi_staging;
    COMMIT;

    -- An incremental refresh sees only what is committed.
    BEGIN
        REFRESH MATERIALIZED VIEW public.nyc_yellow_taxi_volume_analysis;
    EXCEPTION WHEN OTHERS THEN
        RAISE EXCEPTION 'The trips are new, but nyc_yellow_taxi_volume_analysis is still the old one: %', SQLERRM;
    END;
END;
$$ LANGUAGE plpgsql;
