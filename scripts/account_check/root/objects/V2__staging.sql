CREATE TABLE public.${table}_staging (day DATE NOT NULL, vendor VARCHAR(20), fare DECIMAL(10, 2))
