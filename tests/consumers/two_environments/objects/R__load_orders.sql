CREATE OR REPLACE PROCEDURE public.load_environment_orders()
AS $$
BEGIN
    INSERT INTO public.environment_orders VALUES (1, 9.99);
END;
$$ LANGUAGE plpgsql;
