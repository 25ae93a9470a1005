SELECT day FROM ${schema}.trips WHERE day >= CAST(:since AS DATE)
