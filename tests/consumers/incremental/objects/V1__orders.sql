CREATE TABLE public.orders (
    order_id BIGINT NOT NULL,
    customer VARCHAR(50),
    amount DECIMAL(12, 2),
    updated_at TIMESTAMP NOT NULL
)
