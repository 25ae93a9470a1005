-- The rows of the files of one manifest, as they are.
CREATE TABLE public.orders_landed (
    order_id BIGINT NOT NULL,
    customer VARCHAR(50),
    amount DECIMAL(12, 2),
    updated_at TIMESTAMP NOT NULL
)
