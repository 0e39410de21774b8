import type { Mutation } from '../mutation.js';

const BACKUP = 'src/host/program/backup/81-backup.sh';
const PATHS = 'src/host/program/backup/82-paths.sh';
const RESTORE = 'src/host/program/backup/84-restore.sh';
const KEPT = 'src/host/program/backup/86-kept.sh';

const TESTS = 'test/host/backup.test.ts';
const BROUGHT_BACK = 'test/host/restore.test.ts';

/** What is kept before an activation, and how it comes back. */
export const HOST_BACKUP_MUTATIONS: readonly Mutation[] = [
  {
    name: 'backup: once for a transaction',
    protects: 'a repeated call does not replace what was kept before the activation',
    file: BACKUP,
    find: '  if is_backup "$A_txn"; then\n    tell_backup',
    without: '  if false; then\n    tell_backup',
    noticedBy: [`${TESTS} > repeated by the same transaction gives the recorded answer`],
  },
  {
    name: 'backup: an absent path',
    protects: 'a backup without what it is to keep is no backup',
    file: BACKUP,
    find: '    [ "$1" = any ] || fail_backup',
    without: '    true || fail_backup',
    noticedBy: [`${TESTS} > fails clearly and leaves nothing: a path that does not exist`],
  },
  {
    name: 'backup: nothing half',
    protects: 'what could not be kept whole is not kept',
    file: BACKUP,
    find: '  drop_backup\n  case $FULL in',
    without: '  case $FULL in',
    noticedBy: [`${TESTS} > fails clearly and leaves nothing`],
  },
  {
    name: 'backup: no link on the way',
    protects: 'who may write in shared/ does not lead a restore to another place',
    file: PATHS,
    find: '    if [ "$PWD" != "$path_here" ] && [ "$path_here" != "$R/shared" ]; then',
    without: '    if false; then',
    noticedBy: [`${TESTS} > follows no link`],
  },
  {
    name: 'backup: not a link itself',
    protects: 'a backup of a link would have nothing of what it leads to',
    file: PATHS,
    find: '  if [ -L "./$PATH_NAME" ]; then\n    PATH_WRONG=',
    without: '  if false; then\n    PATH_WRONG=',
    noticedBy: [`${TESTS} > follows no link`],
  },
  {
    name: 'backup: what cannot be kept',
    protects: 'a restore never writes into a release or into .fleet',
    file: PATHS,
    find: '    .fleet/* | releases/* | current/* | .current-*) return 1 ;;',
    without: '    x) return 1 ;;',
    noticedBy: [`${TESTS} > refuses the path`],
  },
  {
    name: 'backup: published in its turn',
    protects: 'a twin does not delete the backup that is just about to be published',
    file: BACKUP,
    find: '  lock\n  if check_backup_phase; then\n    publish_backup',
    without: '  lock\n  leave_turn\n  nap 0.5\n  if check_backup_phase; then\n    publish_backup',
    noticedBy: [`${TESTS} > of a lost call is waited for by its twin`],
  },
  {
    name: 'restore: puts back',
    protects: 'a restore that fails leaves the files as they were',
    file: RESTORE,
    find: '  own_restore\n  put_back\n  case $FULL in',
    without: '  own_restore\n  case $FULL in',
    noticedBy: [`${BROUGHT_BACK} > leaves the files as they were if the restore command fails`],
  },
  {
    name: 'restore: once for a transaction',
    protects: 'a repeated call does not overwrite what the app has written since',
    file: RESTORE,
    find: '  if is_restored "$A_txn"; then\n    put_back',
    without: '  if false; then\n    put_back',
    noticedBy: [`${BROUGHT_BACK} > repeated by the same transaction changes nothing`],
  },
  {
    name: 'backups: those that are needed',
    protects: 'the backup that a rollback of the current release needs stays',
    file: KEPT,
    find: '    ! is_backup_needed "$backup_id" || continue\n',
    without: '',
    noticedBy: [`${BROUGHT_BACK} > include that of the last transaction`],
  },
];
