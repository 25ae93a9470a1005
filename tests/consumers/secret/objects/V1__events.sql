CREATE TABLE public.keeper_events (id BIGINT);
