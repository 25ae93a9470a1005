%{ if gateway_user != null ~}
-- What the gateway's queries read. Otherwise, its user has the permissions of PUBLIC only.
GRANT SELECT ON public.nyc_yellow_taxi, public.nyc_yellow_taxi_volume_analysis TO "${gateway_user}";
%{ endif ~}
