CREATE TABLE trips (day DATE);
