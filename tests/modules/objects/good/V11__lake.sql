-- transaction: none
CREATE EXTERNAL TABLE lake.trips (n INT) STORED AS PARQUET LOCATION 's3://lake/trips/';
