CREATE TABLE IF NOT EXISTS public.environment_orders (id BIGINT NOT NULL, amount DECIMAL(12, 2));
