# Keeps a PostgreSQL for one run of `delt bench`: makes a cluster, starts it, and stops and removes it when the run ends.
#
# Argument: a folder of PostgreSQL's programs, or nothing where they are on PATH. The run holds the other end of standard input. However it ends, it
# closes, and then nothing of this server is left.
set -eu
umask 077
PATH="${1:+$1:}$PATH"
if ! command -v initdb >/dev/null || ! command -v pg_ctl >/dev/null; then
  echo "absent"
  exit 0
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/delt-bench-pg.XXXXXX")
log=$dir/log
clean_up() {
  trap - EXIT
  pg_ctl -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || :
  rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 1' HUP INT PIPE TERM

# Commits are durable, as PostgreSQL has them unless it is told otherwise. Nothing else is tuned.
options="-k $dir -c listen_addresses= -c shared_buffers=512MB -c synchronous_commit=on"
if ! initdb -D "$dir/data" -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >"$log" 2>&1 ||
  ! pg_ctl -D "$dir/data" -l "$log" -o "$options" -w start >>"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
echo "$dir"
while read -r _; do :; done
