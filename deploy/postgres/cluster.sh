#!/bin/sh
# Keeps a PostgreSQL cluster to try things on: etcd, three servers under Patroni with synchronous replication, and HAProxy in front of the primary, all on
# loopback ports, in a folder that is removed at the end. Not as root: PostgreSQL refuses that.
#
#   cluster.sh BIN FRONT ETCD ETCD_PEER PORT1 REST1 PORT2 REST2 PORT3 REST3
#
# BIN is the folder of PostgreSQL's programs, the others are free ports. Says `ready`, and then takes commands on standard input:
#
#   kill    kill -9 to the primary and its Patroni; says which it was
#   start N starts server N again; says `done`
#
# When standard input closes, all of it ends.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
bin=$1 front=$2 etcd=$3 peer=$4
shift 4
port_1=$1 rest_1=$2 port_2=$3 rest_2=$4 port_3=$5 rest_3=$6
dir=$(mktemp -d "${TMPDIR:-/tmp}/delt-cluster.XXXXXX")
export PATH="$PATH:/usr/sbin"

of() { eval "printf %s \"\$$1_$2\""; }

# Everything of server N that runs, its Patroni first, which would start the server again.
kill_server() {
  if [ -f "$dir/patroni$1.pid" ]; then kill -9 "$(cat "$dir/patroni$1.pid")" 2>/dev/null || :; fi
  if [ -f "$dir/pg$1/postmaster.pid" ]; then kill -9 "$(head -n 1 "$dir/pg$1/postmaster.pid")" 2>/dev/null || :; fi
}

clean_up() {
  trap - EXIT
  for server in 1 2 3; do kill_server $server; done
  for name in haproxy etcd; do
    if [ -f "$dir/$name.pid" ]; then kill -9 "$(cat "$dir/$name.pid")" 2>/dev/null || :; fi
  done
  # What the servers' own children still write is gone within moments.
  rm -rf "$dir" 2>/dev/null || { sleep 1; rm -rf "$dir"; }
}
trap clean_up EXIT
trap 'exit 1' HUP INT PIPE TERM

start_etcd() {
  etcd --name delt --data-dir "$dir/etcd" \
    --listen-client-urls "http://127.0.0.1:$etcd" --advertise-client-urls "http://127.0.0.1:$etcd" \
    --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
    --initial-cluster "delt=http://127.0.0.1:$peer" --unsafe-no-fsync=true >"$dir/etcd.log" 2>&1 </dev/null &
  echo $! >"$dir/etcd.pid"
}

start_server() {
  sed -e "s|@NAME@|pg$1|" -e "s|@ADDRESS@|127.0.0.1|g" -e "s|@PORT@|$(of port "$1")|" -e "s|@REST@|$(of rest "$1")|" \
    -e "s|@ETCD@|127.0.0.1:$etcd|" -e "s|@DATA@|$dir/pg$1|" -e "s|@BIN@|$bin|" -e "s|@SOCKETS@|$dir|" \
    "$here/patroni.yml" >"$dir/patroni$1.yml"
  patroni "$dir/patroni$1.yml" >>"$dir/patroni$1.log" 2>&1 </dev/null &
  echo $! >"$dir/patroni$1.pid"
}

start_front() {
  {
    sed -e "s|maxconn .*|maxconn 300|" -e "s|bind .*|bind 127.0.0.1:$front|" -e '/^    server /d' "$here/haproxy.cfg"
    for server in 1 2 3; do
      echo "    server pg$server 127.0.0.1:$(of port $server) check port $(of rest $server)"
    done
  } >"$dir/haproxy.cfg"
  haproxy -db -f "$dir/haproxy.cfg" >"$dir/haproxy.log" 2>&1 </dev/null &
  echo $! >"$dir/haproxy.pid"
}

# The answer's status of a server's Patroni.
asked() {
  python3 -c '
import sys, urllib.request
try: print(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/{sys.argv[2]}", timeout=2).status)
except Exception: print(0)' "$(of rest "$1")" "$2"
}

primary() {
  for server in 1 2 3; do
    if [ "$(asked $server primary)" = 200 ]; then echo $server; return; fi
  done
}

# Whether the primary waits for one standby and has another in reserve.
is_whole() {
  found=$("$bin/psql" -h 127.0.0.1 -p "$front" -U postgres -d postgres -At \
    -c "SELECT string_agg(sync_state, ' ' ORDER BY sync_state) FROM pg_stat_replication WHERE state = 'streaming'" 2>/dev/null) || return 1
  [ "$found" = "async sync" ]
}

# Waits for a condition, for two minutes at most.
await() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    if [ $tries -gt 480 ]; then
      tail -n 20 "$dir"/*.log >&2
      exit 1
    fi
    sleep 0.25
  done
}
leads_1() { [ "$(asked 1 primary)" = 200 ]; }

start_etcd
start_server 1
start_front
# The others copy the first, so they wait for it.
await leads_1
start_server 2
start_server 3
await is_whole
"$bin/createdb" -h 127.0.0.1 -p "$front" -U postgres delt
echo ready

while read -r command server; do
  case $command in
    kill)
      server=$(primary)
      kill_server "$server"
      echo "$server"
      ;;
    start)
      start_server "$server"
      echo "done"
      ;;
  esac
done
