CREATE TABLE public.shipped_events (id BIGINT);
