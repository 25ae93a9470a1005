CREATE MATERIALIZED VIEW public.${table}_per_day AS
SELECT day, COUNT(*) AS trips, SUM(fare) AS fares FROM public.${table}_trips GROUP BY day
