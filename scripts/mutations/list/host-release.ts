import type { Mutation } from '../mutation.js';

const FILES = 'src/host/program/frame/25-files.sh';
const PRUNE = 'src/host/program/release/80-prune.sh';
const DECIDE = 'src/host/program/steps/70-decide.sh';

const RELEASES = 'test/host/releases.test.ts';
const REMOVE = 'test/host/remove.test.ts';

/** The one delete, and what it is never asked to delete. */
export const HOST_RELEASE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'remove: one plain name',
    protects: 'deployer#3190: rm -rf of what a name leads to',
    file: FILES,
    find: `*:*/* | *:*..* | *:) fail step_failed "will not delete $2" ;;`,
    without: '*:) fail step_failed "will not delete $2" ;;',
    noticedBy: [`${REMOVE} > will not delete`],
  },
  {
    name: "remove: fleet's own by its form",
    protects: 'never: deletion of anything that fleet did not make',
    file: FILES,
    find: '    *) fail step_failed "will not delete $1/$2" ;;\n',
    without: '',
    noticedBy: [`${REMOVE} > will not delete`],
  },
  {
    name: 'remove: a marker is a name',
    protects: 'never: deletion of anything that fleet did not make',
    file: FILES,
    find: `is_name "$2" || fail step_failed "will not delete marker $2"`,
    without: ':',
    noticedBy: [`${REMOVE} > will not delete`],
  },
  {
    name: 'remove: resolved folder',
    protects: 'never: rm -rf on a path that was not resolved to lie under root',
    file: FILES,
    find: 'cd -P -- "$remove_in" && [ "$PWD" = "$remove_in" ] ||',
    without: 'cd -P -- "$remove_in" ||',
    noticedBy: [`${REMOVE} > follows no link to another folder`],
  },
  {
    name: 'sweep leaves its own',
    protects: 'a claim deletes nothing of its own transaction',
    file: FILES,
    find: `*"-$A_txn" | *"-$A_txn".gz | *"-$A_txn".own | *"-$A_txn.pipe" | *'-*') ;;`,
    without: `*'-*') ;;`,
    noticedBy: [`${REMOVE} > sweeps what other transactions have left, and nothing else`],
  },
  {
    name: 'prune: what is current',
    protects: 'I12: current is never pruned (capistrano#1907)',
    file: PRUNE,
    find: '[ "$1" != "$CUR" ] ||',
    without: 'true ||',
    noticedBy: ['test/host/moved-current.test.ts > keeps that release when old ones are pruned'],
  },
  {
    name: 'prune: what the run came from',
    protects: 'I12: the `from` of the last run is never pruned',
    file: PRUNE,
    find: '[ "$1" != "$S_from" ] ||',
    without: 'true ||',
    noticedBy: [`${RELEASES} > keeps what is current, what the run came from`],
  },
  {
    name: 'prune: what the run went to',
    protects: 'capistrano#547: the evidence of what failed is kept',
    file: PRUNE,
    find: '[ "$1" != "$S_to" ] ||',
    without: 'true ||',
    noticedBy: [`${RELEASES} > keeps what the last run went to, though it was rolled back`],
  },
  {
    name: 'prune: what some process runs from',
    protects: 'I12: a release in use is never pruned (pm2#1623)',
    file: PRUNE,
    find: `PROTECTED='a process runs from it' ;;`,
    without: ';;',
    noticedBy: [`${RELEASES} > keeps a release that some process still runs from`],
  },
  {
    name: 'prune: only what has a marker',
    protects: 'capistrano#1141: foreign folders are not deleted',
    file: PRUNE,
    find: '  read_marker "$1" || return 0\n',
    without: '',
    noticedBy: [`${RELEASES} > keeps what is current, what the run came from`],
  },
  {
    name: 'healthy by its confirmation alone',
    protects: 'capistrano#1800: a way back to what never worked',
    file: 'src/host/program/steps/60-verify.sh',
    find: '  note_phase verified',
    without: '  mark "$S_to" healthy\n  note_phase verified',
    noticedBy: ['test/host/phases.test.ts > makes its release a healthy one by its confirmation'],
  },
  {
    name: 'bad by its way back',
    protects: 'deployer#4115: a way back to what was rolled back',
    file: 'src/host/program/steps/50-switch.sh',
    find: '  [ "$S_from" = "$S_to" ] || judge_left\n',
    without: '',
    noticedBy: ['test/host/deploy.test.ts > under dash a revert goes back to the recorded release'],
  },
  {
    name: 'bad where it is held',
    protects: 'deployer#4115: a way back to what was found bad',
    file: DECIDE,
    find: '    mark "$S_to" bad\n    S_left=$CUR\n',
    without: '    S_left=$CUR\n',
    noticedBy: ['test/host/phases.test.ts > that was held is not gone on with'],
  },
  {
    name: 'a marker that is torn',
    protects: 'capistrano#1800: half a record is none',
    file: FILES,
    find: `    staged:'{'*'}' | healthy:'{'*'}' | bad:'{'*'}') return 0 ;;\n  esac\n  return 2`,
    without: '    *) return 0 ;;\n  esac\n  return 2',
    noticedBy: ['test/host/moved-current.test.ts > is not armed for where its marker is no record'],
  },
];
