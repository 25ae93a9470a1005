-- The materialized view, which each load refreshes.
SELECT
    pickup_month,
    avg_distance,
    avg_fare,
    total_trips,
    total_distance_per_month,
    total_fare_per_month
FROM public.nyc_yellow_taxi_volume_analysis
ORDER BY pickup_month
