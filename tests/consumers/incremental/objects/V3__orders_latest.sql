-- The latest row of each order, if it is newer than what is known: MERGE fails if two rows match the same one.
CREATE TABLE public.orders_latest (
    order_id BIGINT NOT NULL,
    customer VARCHAR(50),
    amount DECIMAL(12, 2),
    updated_at TIMESTAMP NOT NULL
)
