SELECT day, trips, fares FROM public.${table}_per_day WHERE day >= CAST(:since AS DATE) ORDER BY day
