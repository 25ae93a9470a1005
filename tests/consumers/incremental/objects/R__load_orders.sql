-- Merges the files of a manifest. The address of the manifest is recorded in the transaction of COPY, so a manifest that
-- comes again, even after a run that committed and then failed, changes nothing.
CREATE OR REPLACE PROCEDURE public.load_orders(address VARCHAR(2048))
AS $$
DECLARE
    known BIGINT;
BEGIN
    LOCK public.loaded_manifests;
    SELECT COUNT(*) INTO known FROM public.loaded_manifests AS done WHERE done.manifest = address;
    IF known > 0 THEN
        RETURN;
    END IF;

    DELETE FROM public.orders_landed;
    -- COPY takes no parameters.
    EXECUTE 'COPY public.orders_landed FROM ' || quote_literal(address)
        || ' IAM_ROLE ''${copy_role}'' MANIFEST CSV IGNOREHEADER 1 TIMEFORMAT ''auto''';

    DELETE FROM public.orders_latest;
    INSERT INTO public.orders_latest
    SELECT landed.order_id, landed.customer, landed.amount, landed.updated_at
    FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY updated_at DESC) AS place
        FROM public.orders_landed
    ) AS landed
    LEFT JOIN public.orders ON orders.order_id = landed.order_id
    WHERE landed.place = 1 AND (orders.order_id IS NULL OR orders.updated_at < landed.updated_at);

    MERGE INTO public.orders
    USING public.orders_latest AS latest
    ON orders.order_id = latest.order_id
    WHEN MATCHED THEN UPDATE SET customer = latest.customer, amount = latest.amount, updated_at = latest.updated_at
    WHEN NOT MATCHED THEN INSERT VALUES (latest.order_id, latest.customer, latest.amount, latest.updated_at);

    INSERT INTO public.loaded_manifests VALUES (address, SYSDATE);
END;
$$ LANGUAGE plpgsql;
