-- Trips; CREATE TABLE not_this_one
/* nor
   this: CREATE TABLE other */
create table if not exists "${schema}"."Taxi trips" (id INTEGER);
