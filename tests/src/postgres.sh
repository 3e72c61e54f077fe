# Keeps a PostgreSQL for one test process: makes a cluster, starts it, and stops and removes it when the process ends.
#
# Arguments: the folder of PostgreSQL's programs, then options for the server. The tests hold the other end of standard
# input. However they end, by return, panic or kill -9, it closes, and then nothing of this server is left.
set -eu
umask 077
programs=$1
shift
options="$*"

dir=$(mktemp -d /tmp/delt-postgres.XXXXXX)
log=$dir/log

start() { "$programs/pg_ctl" -D "$dir/data" -l "$log" -o "-k $dir $options" -w start >>"$log.pg_ctl" 2>&1; }
stop() { "$programs/pg_ctl" -D "$dir/data" -m immediate -w stop >>"$log.pg_ctl" 2>&1; }
# A copy that follows the first over its socket, and listens beside it on the next port.
standby() {
  "$programs/pg_basebackup" -h "$dir" -U postgres -D "$dir/standby" -R -X stream --checkpoint=fast --no-sync >>"$log.pg_ctl" 2>&1 &&
    "$programs/pg_ctl" -D "$dir/standby" -l "$log.standby" -o "-k $dir -p 5433 $options" -w start >>"$log.pg_ctl" 2>&1
}
stop_standby() { "$programs/pg_ctl" -D "$dir/standby" -m immediate -w stop >>"$log.pg_ctl" 2>&1; }
clean_up() {
  trap - EXIT
  if [ -d "$dir/standby" ]; then stop_standby || :; fi
  stop || :
  rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 1' HUP INT PIPE TERM

if ! "$programs/initdb" -D "$dir/data" -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >"$log" 2>&1 ||
  ! start; then
  cat "$log" "$log.pg_ctl" >&2 || :
  exit 1
fi
# The folder is 0700, so that its socket is for this user (and root) alone.
echo "$dir"

while read -r command; do
  case $command in
    crash) stop ;;
    start) start ;;
    standby) standby ;;
    stop-standby) stop_standby ;;
  esac
  echo "done"
done
