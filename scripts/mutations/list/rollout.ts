import type { Mutation } from '../mutation.js';

const MACHINE = 'test/rollout/machine.test.ts';
const PAUSING = 'test/rollout/pausing.test.ts';
const INVARIANTS = 'test/rollout/invariants.test.ts > whatever hosts do, in whatever order';
const LIMITS = 'test/rollout/limits.test.ts';

/** What must hold before the next host is switched. */
const GATE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'gate: a sick host fails it',
    protects: 'I5: no host of wave k+1 before gate k (fabric#457)',
    file: 'src/rollout/limits/gate.ts',
    find: "  if (failing.length > 0) return { kind: 'fail', hosts: failing.map(nameOf) };\n",
    without: '',
    noticedBy: [`${MACHINE} > that finds an earlier host sick stops the run`],
  },
  {
    name: 'gate: no data is no pass',
    protects: 'argo-rollouts#3850: no metric taken as a pass',
    file: 'src/rollout/limits/gate.ts',
    find: "if (missing.length > 0) return { kind: 'inconclusive', missing: missing.map(nameOf) };",
    without: '',
    noticedBy: [`${MACHINE} > without data asks again until its patience ends, and never passes`],
  },
  {
    name: 'gate: probes every switched host',
    protects: 'nomad#6407: health looked at once, then never again',
    file: 'src/rollout/limits/gate.ts',
    find: "return [...state.hosts].filter((host) => host.stage === 'done');",
    without:
      "const done = [...state.hosts].filter((host) => host.stage === 'done');\n" +
      '  const last = Math.max(...done.map((host) => host.plan.wave));\n' +
      '  return done.filter((host) => host.plan.wave === last);',
    noticedBy: [`${MACHINE} > probes every host activated so far at each gate`],
  },
  {
    name: 'gate of a resumed run',
    protects: 'I5: the gate has passed in this epoch',
    file: 'src/rollout/advance.ts',
    find: 'if (turn.state.plan.hosts.some((host) => host.done)) openGate(turn, next, next);\n  else',
    without: '',
    noticedBy: [
      `${PAUSING} > adopts what is done, and activates the rest behind a gate of its own`,
    ],
  },
  {
    name: 'gate after a pause',
    protects: 'I5: what hosts said before the pause does not count any more',
    file: 'src/rollout/pausing.ts',
    find: 'return openGate(turn, activity.wave, activity.wave);',
    without: "return turn.become({ kind: 'wave', wave: activity.wave });",
    noticedBy: [`${PAUSING} > continues behind a new gate over every host activated so far`],
  },
];

/** How many, and when no more. */
const LIMIT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'budget: the gatekeeper',
    protects: 'I4: no step takes a host out of service beyond max_unavailable',
    file: 'src/rollout/limits/budget.ts',
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
    file: 'src/rollout/finish.ts',
    find: 'of mayLeaveService(turn.state, pending)) {',
    without: 'of [...pending.free, ...pending.serving]) {',
    noticedBy: [INVARIANTS],
  },
  {
    name: 'no more at once than are worked on',
    protects: 'I8: what waits behind others cannot be called back',
    file: 'src/rollout/limits/budget.ts',
    find: "const room = Math.max(0, atOnce - hosts.count('inFlight'));",
    without: 'const room = Number.POSITIVE_INFINITY;',
    noticedBy: [`${LIMITS} > no more hosts are asked than are worked on at once`],
  },
  {
    name: 'no switch after a stop',
    protects: 'I8: after a trip no further host switches',
    file: 'src/rollout/state/transition.ts',
    find: "    this.become({ kind: 'stopping' });\n",
    without: '',
    noticedBy: [`${MACHINE} > is rolled back, and no other host is activated`, INVARIANTS],
  },
  {
    name: 'the trip is judged at every step',
    protects: 'I8: failure stops later batches (pyinfra#1195)',
    file: 'src/rollout/advance.ts',
    find: 'if (trip !== null) turn.stop(trip);',
    without: '',
    noticedBy: [`${MACHINE} > is rolled back, and no other host is activated`],
  },
];

export const ROLLOUT_MUTATIONS: readonly Mutation[] = [...GATE_MUTATIONS, ...LIMIT_MUTATIONS];
