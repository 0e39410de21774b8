import type { Guard } from '../guard.js';

const MACHINE = 'test/rollout/machine.test.ts';
const PAUSING = 'test/rollout/pausing.test.ts';
const INVARIANTS = 'test/rollout/invariants.test.ts > whatever hosts do, in whatever order';
const LIMITS = 'test/rollout/limits.test.ts';

/** What must hold before the next host is switched. */
const GATE_GUARDS: readonly Guard[] = [
  {
    name: 'gate: a sick host fails it',
    protects: 'I5: no host of wave k+1 before gate k (fabric#457)',
    file: 'src/rollout/gate.ts',
    find: "  if (failing.length > 0) return { kind: 'fail', hosts: failing.map(nameOf) };\n",
    without: '',
    noticedBy: [`${MACHINE} > that finds an earlier host sick stops the run`],
  },
  {
    name: 'gate: no data is no pass',
    protects: 'argo-rollouts#3850: no metric taken as a pass',
    file: 'src/rollout/gate.ts',
    find: "if (missing.length > 0) return { kind: 'inconclusive', missing: missing.map(nameOf) };",
    without: '',
    noticedBy: [`${MACHINE} > without data asks again until its patience ends, and never passes`],
  },
  {
    name: 'gate: waits for every answer',
    protects: 'I5: a gate is judged once all have answered',
    file: 'src/rollout/gate.ts',
    find: "  if (state.hosts.count('unprobed') > 0) return { kind: 'waiting' };\n",
    without: '',
    noticedBy: [`${MACHINE} > probes every host switched so far at each gate`],
  },
  {
    name: 'gate: probes every switched host',
    protects: 'nomad#6407: health looked at once, then never again',
    file: 'src/rollout/gate.ts',
    find: "return [...state.hosts].filter((host) => host.stage === 'done');",
    without:
      "const done = [...state.hosts].filter((host) => host.stage === 'done');\n" +
      '  const last = Math.max(...done.map((host) => host.plan.wave));\n' +
      '  return done.filter((host) => host.plan.wave === last);',
    noticedBy: [`${MACHINE} > probes every host switched so far at each gate`],
  },
  {
    name: 'gate: probes them again now',
    protects: 'nomad#6740: what a host said at the gate before does not count',
    file: 'src/rollout/gating.ts',
    find: '    turn.change(host, { probe: null });\n',
    without: '',
    noticedBy: [`${PAUSING} > goes on behind a new gate over every host switched so far`],
  },
  {
    name: 'gate: patience ends',
    protects: 'argo-rollouts#3850: waiting long enough is no pass either',
    file: 'src/rollout/gating.ts',
    find: "    return turn.stop({ kind: 'gate-inconclusive'",
    without: "    return beginWave(turn, gate.next);\n    turn.stop({ kind: 'gate-inconclusive'",
    noticedBy: [`${MACHINE} > without data asks again until its patience ends, and never passes`],
  },
  {
    name: 'gate of a resumed run',
    protects: 'I5: the gate has passed in this epoch',
    file: 'src/rollout/move.ts',
    find: 'if (turn.state.plan.hosts.some((host) => host.done)) openGate(turn, next, next);\n  else',
    without: '',
    noticedBy: [`${PAUSING} > adopts what is done, and switches the rest behind a gate of its own`],
  },
  {
    name: 'gate after a pause',
    protects: 'I5: what hosts said before the pause does not count any more',
    file: 'src/rollout/pausing.ts',
    find: 'return openGate(turn, activity.wave, activity.wave);',
    without: "return turn.become({ kind: 'wave', wave: activity.wave });",
    noticedBy: [`${PAUSING} > goes on behind a new gate over every host switched so far`],
  },
  {
    name: 'bake before the gate',
    protects: 'I5: a gate looks once the bake is over',
    file: 'src/rollout/wave.ts',
    find: '  if (bakeMs === 0) return openGate(turn, wave, wave + 1);',
    without: '  return openGate(turn, wave, wave + 1);',
    noticedBy: [`${MACHINE} > waits for the bake before the gate`],
  },
  {
    name: 'a pause starts no host',
    protects: 'DESIGN 5: paused at host boundaries, with no host unconfirmed',
    file: 'src/rollout/wave.ts',
    find: 'if (asked === null) switchAllowed(turn, wave);',
    without: 'switchAllowed(turn, wave);',
    noticedBy: [`${PAUSING} > lets the host in flight be decided, and starts no other`],
  },
  {
    name: 'an approval is waited for',
    protects: 'a wave that a person wants to see begins when that person agrees',
    file: 'src/rollout/wave.ts',
    find: "  if (needsApproval(turn.state, wave)) return pause(turn, wave, { kind: 'approval' });\n",
    without: '',
    noticedBy: [`${PAUSING} > is waited for before its wave`],
  },
];

/** How many, and when no more. */
const LIMIT_GUARDS: readonly Guard[] = [
  {
    name: 'budget: the gatekeeper',
    protects: 'I4: no step takes a host out of service beyond max_unavailable',
    file: 'src/rollout/budget.ts',
    find: 'Math.min(free, room - freely.length)',
    without: 'room - freely.length',
    noticedBy: [INVARIANTS],
  },
  {
    name: 'budget: switches go through it',
    protects: 'I4; argo-rollouts#3284: limits ignored in some mode',
    file: 'src/rollout/wave.ts',
    find: 'of mayLeaveService(turn.state, ready)) {',
    without: 'of [...ready.free, ...ready.serving]) {',
    noticedBy: [INVARIANTS],
  },
  {
    name: 'budget: reverts go through it',
    protects: 'I4; nomad#14200: a revert takes everything down at once',
    file: 'src/rollout/ending.ts',
    find: 'of mayLeaveService(turn.state, pending)) {',
    without: 'of [...pending.free, ...pending.serving]) {',
    noticedBy: [INVARIANTS],
  },
  {
    name: 'budget: counts who is in flight',
    protects: 'I4: in flight is out of service',
    file: 'src/rollout/host-run.ts',
    find: '  if (isInFlight(host)) return true;\n  if (host.stage',
    without: '  if (host.stage',
    noticedBy: [`${LIMITS} > one host after the other where one may be out`],
  },
  {
    name: 'budget: counts down and unknown',
    protects: 'I4: unknown is out of service',
    file: 'src/rollout/host-run.ts',
    find: "return STAGE_TRAITS[host.stage].broken || host.plan.condition.kind === 'out';",
    without: "return host.plan.condition.kind === 'out';",
    noticedBy: [`${LIMITS} > a host that is lost counts for those that may be out`],
  },
  {
    name: 'budget: counts who is sick',
    protects: 'I4: sick before is out of service',
    file: 'src/rollout/host-run.ts',
    find: "return STAGE_TRAITS[host.stage].broken || host.plan.condition.kind === 'out';",
    without: 'return STAGE_TRAITS[host.stage].broken;',
    noticedBy: [`${LIMITS} > hosts that were sick before count for those that may be out`],
  },
  {
    name: 'budget: counts who was skipped',
    protects: 'I4: a host that preflight could not reach is out of service',
    file: 'src/rollout/budget.ts',
    find: "const out = plan.skipped.length + hosts.count('out') + started;",
    without: "const out = hosts.count('out') + started;",
    noticedBy: [`${LIMITS} > hosts that preflight skipped count for those that may be out`],
  },
  {
    name: 'no more at once than are worked on',
    protects: 'I8: what waits behind others cannot be called back',
    file: 'src/rollout/budget.ts',
    find: "const room = Math.max(0, atOnce - hosts.count('inFlight'));",
    without: 'const room = Number.POSITIVE_INFINITY;',
    noticedBy: [`${LIMITS} > no more hosts are asked than are worked on at once`],
  },
  {
    name: 'trip: of a wave',
    protects: 'I8: one more than tolerated trips the run (ansible#6781)',
    file: 'src/rollout/trip.ts',
    find: 'if (failed.length > tolerated)',
    without: 'if (false)',
    noticedBy: [`${MACHINE} > trips the run even where waves tolerate failures`],
  },
  {
    name: 'trip: of the run',
    protects: 'I8: failures are counted over all waves (proposals#133)',
    file: 'src/rollout/trip.ts',
    find: 'if (all.length <= state.plan.limits.tolerateRun) return null;',
    without: 'return null;',
    noticedBy: [`${LIMITS} > failures that each wave tolerates trip the run together`],
  },
  {
    name: 'trip: the canary tolerates none',
    protects: 'I8: a bad release stops at the canary',
    file: 'src/model/waves.ts',
    find: '(step === 0 ? 0 : tolerated)',
    without: '(step === -1 ? 0 : tolerated)',
    noticedBy: [
      'test/model/waves.test.ts > limits are of the selection, and the canary wave tolerates none',
    ],
  },
  {
    name: 'no switch after a stop',
    protects: 'I8: after a trip no further host switches',
    file: 'src/rollout/turn.ts',
    find: "    this.become({ kind: 'stopping' });\n",
    without: '',
    noticedBy: [`${MACHINE} > is taken back, and no other host is switched`, INVARIANTS],
  },
  {
    name: 'the trip is judged at every step',
    protects: 'I8: failure stops later batches (pyinfra#1195)',
    file: 'src/rollout/move.ts',
    find: 'if (trip !== null) turn.stop(trip);',
    without: '',
    noticedBy: [`${MACHINE} > is taken back, and no other host is switched`],
  },
  {
    name: 'the first reason to stop wins',
    protects: 'what is rolled back follows from why the run stopped',
    file: 'src/rollout/turn.ts',
    find: "if (this.state.stop !== null || kind === 'finalizing'",
    without: "if (this.state.stop?.kind === reason.kind || kind === 'finalizing'",
    noticedBy: [INVARIANTS],
  },
  {
    name: 'hosts in flight are awaited',
    protects: 'sshkit#535: the first error abandons hosts in flight',
    file: 'src/rollout/ending.ts',
    find: 'if (reason === null || hasUndecided(turn.state)) return;',
    without: 'if (reason === null) return;',
    noticedBy: [INVARIANTS, `${MACHINE} > awaits and reports every host in flight`],
  },
];

export const ROLLOUT_GUARDS: readonly Guard[] = [...GATE_GUARDS, ...LIMIT_GUARDS];
