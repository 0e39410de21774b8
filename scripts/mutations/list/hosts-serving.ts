import type { Mutation } from '../mutation.js';

const SERVING = 'src/host/program/facts/32-serving.sh';
const TEST = 'test/host/serving.test.ts';
const HIDDEN = `${TEST} > a process that tells nothing of itself`;

/** What a process runs, also where nothing of it may be looked at. */
export const HOSTS_SERVING_MUTATIONS: readonly Mutation[] = [
  {
    name: 'serving: by record of a restart',
    protects: 'I2: what a process runs is told truly, whatever the link names',
    file: SERVING,
    find: 'SERVING=$S_runs SERVING_BY=record',
    without: 'SERVING=$CUR SERVING_BY=record',
    noticedBy: [`${HIDDEN} runs what fleet verified it on`],
  },
  {
    name: 'serving: an invocation for ever',
    protects: 'a process id is given out again',
    file: SERVING,
    find: 'if same_process; then serving_by_record; else RESTARTED=true; fi',
    without: 'if [ "$K_pid" = "$U_pid" ]; then serving_by_record; else RESTARTED=true; fi',
    noticedBy: [`${TEST} > a state that names another boot and process is no proof`],
  },
  {
    name: 'serving: two accounts of the time',
    protects: 'a clock that was set makes no false word of what runs',
    file: SERVING,
    find: '    newer:older | older:newer) ;;\n',
    without: '',
    noticedBy: [`${HIDDEN} is not known where the clock was set between the two`],
  },
  {
    name: 'verify: a process that outlives the restart',
    protects: 'I2: KillMode=process and a PIDFile leave the old one running',
    file: 'src/host/program/steps/60-verify.sh',
    find: '[ "$START" -lt "$LOOK_ACTED" ] &&',
    without: 'false &&',
    noticedBy: [
      `${TEST} > a process that a restart has left, and that systemd counts to the new invocation, is seen by verify`,
    ],
  },
  {
    name: 'probe: the verified process under a moved link',
    protects: 'I2: the process runs the release that current names',
    file: 'src/host/program/steps/60-verify.sh',
    find: 'if [ -z "$SERVING" ] && [ -n "$LOOK_SERVING" ] && has_restart; then SERVING=$LOOK_RAN; fi',
    without: ':',
    noticedBy: [`${TEST} > a gate notices a link that was moved by hand`],
  },
  {
    name: 'claim: two names for one root',
    protects: 'I4: a host counts once',
    file: 'src/host/program/release/40-stage.sh',
    find: '    refuse_twin\n',
    without: '',
    noticedBy: [
      'test/host/twins.test.ts > a root that another host of the run has claimed is refused',
    ],
  },
  {
    name: 'units: what was not read is not up',
    protects: 'no verdict over an empty list',
    file: 'src/engine/reading/unit-health.ts',
    find: 'unreadUnits(asked, units).length === 0 &&',
    without: '',
    noticedBy: [
      'test/engine/reading/unit-health.test.ts > units are up or not where none was read',
    ],
  },
  {
    name: 'preflight: units that were not read',
    protects: 'no verdict over an empty list',
    file: 'src/engine/preflight/preflight.ts',
    find: '    ...judgeUnread(facts, demands.app),\n',
    without: '',
    noticedBy: ['test/engine/plan/build-plan.test.ts > the plan of a deploy is refused over units'],
  },
  {
    name: 'rollback: releases that were not read',
    protects: 'an empty list of releases is not one that could not be read',
    file: 'src/engine/plan/plan-run.ts',
    find: '  refuseUnfit(reached, { app, diskBytes: 0 });\n',
    without: '',
    noticedBy: ['test/engine/plan/build-plan.test.ts > a rollback is refused over releases'],
  },
  {
    name: 'records: a state that was not read',
    protects: 'I9: succeeded means that every host was read',
    file: 'src/engine/recover/crashed-run.ts',
    find: 'if (unread !== null) {',
    without: 'if (false) {',
    noticedBy: ['test/engine/recovery-steps.test.ts > a crashed run with a host whose state'],
  },
];
