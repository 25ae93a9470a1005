CREATE TABLE public.target_sales (id BIGINT);
