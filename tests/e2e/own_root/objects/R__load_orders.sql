CREATE OR REPLACE PROCEDURE sales.load_orders() AS $$
BEGIN
  INSERT INTO sales.orders VALUES (2, '2026-02-01', 5.00);
END;
$$ LANGUAGE plpgsql
