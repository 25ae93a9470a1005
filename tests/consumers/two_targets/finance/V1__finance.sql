CREATE TABLE public.target_finance (id BIGINT);
