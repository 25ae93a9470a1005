-- Trips of a month, day by day. Nothing is rounded: whoever shows the numbers does that.
SELECT
    pickup_date                                                           AS trip_date,
    SUM(DATEDIFF(minute, pickup_datetime, dropoff_datetime))::FLOAT8 / 60 AS total_hours,
    SUM(trip_distance)                                                    AS total_distance,
    SUM(fare_amount)                                                      AS total_fare,
    COUNT(*)                                                              AS trips
FROM public.nyc_yellow_taxi
WHERE pickup_date >= CAST(:month AS DATE)
    AND pickup_date < DATEADD(month, 1, CAST(:month AS DATE))
GROUP BY pickup_date
ORDER BY pickup_date
