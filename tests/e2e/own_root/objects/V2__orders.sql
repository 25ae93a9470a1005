CREATE TABLE sales.orders (id INTEGER NOT NULL, day DATE, amount DECIMAL(12,2))
