-- Where a load arrives first. It is permanent, so that loads can take turns by locking it.
CREATE TABLE public.nyc_yellow_taxi_staging (
    pickup_date      DATE ENCODE RAW,
    pickup_datetime  TIMESTAMP ENCODE AZ64,
    dropoff_datetime TIMESTAMP ENCODE AZ64,
    ratecode         SMALLINT ENCODE AZ64,
    passenger_count  SMALLINT ENCODE AZ64,
    trip_distance    FLOAT4 ENCODE ZSTD,
    fare_amount      FLOAT4 ENCODE ZSTD,
    total_amount     FLOAT4 ENCODE ZSTD,
    payment_type     SMALLINT ENCODE AZ64,
    vendorid         VARCHAR(20) ENCODE ZSTD
)
DISTSTYLE EVEN
SORTKEY (pickup_date);
