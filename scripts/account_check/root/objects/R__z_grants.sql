GRANT SELECT ON public.${table}_trips, public.${table}_per_day TO "${gateway_user}"
