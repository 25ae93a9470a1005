CREATE TABLE public.serverless_events (id BIGINT, at TIMESTAMP);
