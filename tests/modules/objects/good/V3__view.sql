CREATE OR REPLACE VIEW ${schema}.recent AS SELECT id FROM "${schema}"."Taxi trips";
