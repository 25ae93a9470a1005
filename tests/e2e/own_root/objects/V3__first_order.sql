INSERT INTO sales.orders VALUES (1, '2026-01-31', 9.99)
