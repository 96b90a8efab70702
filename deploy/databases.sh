#!/bin/bash
# Run once by the postgres image in an empty cluster: a role and a database for each service, closed to all the others.
set -euo pipefail

make_database() { # role, password, owner
    psql --set ON_ERROR_STOP=1 --username postgres --set role="$1" --set password="$2" --set owner="$3" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', :'role', :'password')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
CREATE DATABASE :"role" OWNER :"owner" TEMPLATE template0;
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"role" TO :"role";
SQL
}

psql --set ON_ERROR_STOP=1 --username postgres --set password="$DIRECTORY_OWNER_DB_PASSWORD" <<'SQL'
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
CREATE ROLE directory_owner LOGIN PASSWORD :'password';
SQL
make_database directory "$DIRECTORY_DB_PASSWORD" directory_owner
make_database relay "$RELAY_DB_PASSWORD" relay
make_database airflow "$AIRFLOW_DB_PASSWORD" airflow
make_database node "$NODE_DB_PASSWORD" node
make_database dept "$NODE_DB_PASSWORD" dept
