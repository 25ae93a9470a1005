CREATE MATERIALIZED VIEW ${schema}.per_day AS SELECT COUNT(*) AS trips FROM "${schema}"."Taxi trips";
