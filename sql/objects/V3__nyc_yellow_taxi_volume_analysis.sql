-- Trips by month of pickup. AVG and SUM of FLOAT4 work in double precision.
CREATE MATERIALIZED VIEW public.nyc_yellow_taxi_volume_analysis AS
SELECT
    DATE_TRUNC('month', pickup_date)::DATE AS pickup_month,
    ROUND(AVG(trip_distance), 2)           AS avg_distance,
    ROUND(AVG(fare_amount), 2)             AS avg_fare,
    COUNT(*)                               AS total_trips,
    SUM(trip_distance)                     AS total_distance_per_month,
    SUM(fare_amount)                       AS total_fare_per_month
FROM public.nyc_yellow_taxi
GROUP BY 1;
