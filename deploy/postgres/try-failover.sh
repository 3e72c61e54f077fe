#!/bin/sh
# Shows a fail-over: starts the cluster of cluster.sh, writes rows one by one through HAProxy, kills the primary, and counts. Not as root
# (runuser -u postgres -- deploy/postgres/try-failover.sh). Takes about a minute; ports 17432 to 17441 must be free.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=$(for folder in /usr/lib/postgresql/*/bin; do echo "$folder"; done | sort -V | tail -n 1)
dir=$(mktemp -d "${TMPDIR:-/tmp}/delt-failover.XXXXXX")
mkfifo "$dir/commands" "$dir/answers"
"$here/cluster.sh" "$bin" 17432 17433 17434 17435 17436 17437 17438 17439 17440 <"$dir/commands" >"$dir/answers" &
exec 3>"$dir/commands" 4<"$dir/answers"
# Closed, the commands end the cluster too.
clean_up() {
  trap - EXIT
  exec 3>&-
  wait
  rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 1' HUP INT PIPE TERM

ask() { "$bin/psql" "host=127.0.0.1 port=17432 user=postgres dbname=delt connect_timeout=2" -v ON_ERROR_STOP=1 -qAt -c "$1" 2>/dev/null; }

read -r answer <&4
[ "$answer" = ready ]
ask "CREATE TABLE acknowledged (n BIGINT PRIMARY KEY)"
echo "the cluster is up: one primary, one synchronous standby, one in reserve"

n=0
acknowledged=0
killed=
longest=0
before=$(date +%s%N)
while [ $n -lt 400 ]; do
  n=$((n + 1))
  if [ $n = 100 ]; then
    echo kill >&3
    read -r killed <&4
    echo "killed the primary, pg$killed, and its Patroni"
  fi
  # A row whose commit broke off may be there or not: the same row again does no harm.
  until ask "INSERT INTO acknowledged VALUES ($n) ON CONFLICT DO NOTHING"; do sleep 0.2; done
  acknowledged=$((acknowledged + 1))
  now=$(date +%s%N)
  took=$(((now - before) / 1000000))
  before=$now
  if [ $took -gt $longest ]; then longest=$took; fi
done
kept=$(ask "SELECT count(*) FROM acknowledged")
echo "$acknowledged rows acknowledged, $kept there; the longest pause was $longest ms"
[ "$kept" = "$acknowledged" ]
