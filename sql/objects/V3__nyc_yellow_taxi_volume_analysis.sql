-- Trips by month of pickup. AVG and SUM of FLOAT4 work in double precision.
-- DATE_TRUNC of a TIMESTAMP allows an incremental refresh, that of a DATE does not:
-- https://docs.aws.amazon.com/redshift/latest/dg/materialized-view-refresh-sql-command.html
CREATE MATERIALIZED VIEW public.nyc_yellow_taxi_volume_analysis AS
SELECT
    DATE_TRUNC('month', pickup_datetime)::DATE AS pickup_month,
    ROUND(AVG(trip_distance), 2)               AS avg_distance,
    ROUND(AVG(fare_amount), 2)                 AS avg_fare,
    COUNT(*)                                   AS total_trips,
    SUM(trip_distance)                         AS total_distance_per_month,
    SUM(fare_amount)                           AS total_fare_per_month
FROM public.nyc_yellow_taxi
GROUP BY 1;
