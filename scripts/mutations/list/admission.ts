import type { Mutation } from '../mutation.js';

const ADMIT = 'test/engine/preflight/admission.test.ts';
const DRAFT = 'test/engine/plan/build-plan.test.ts';

/** What refuses a run before it begins. */
export const ADMISSION_MUTATIONS: readonly Mutation[] = [
  {
    name: 'preflight: a wrong key is not skipped',
    protects: 'a host that answers, but not as it should, is never merely skipped',
    file: 'src/engine/preflight/admission.ts',
    find: 'failed.length > allowed || mistrusted',
    without: 'failed.length > allowed',
    noticedBy: [`${ADMIT} > refuses a host with a wrong key, however many may be skipped`],
  },
  {
    name: 'preflight: two names for one root',
    protects: 'I4: a host counts once',
    file: 'src/engine/preflight/admission.ts',
    find: '    ...twinFailures(read),\n',
    without: '',
    noticedBy: [`${ADMIT} > refuses two names for one root`],
  },
  {
    name: 'preflight: claimed by another run',
    protects: 'I3: a run does not begin over a living one',
    file: 'src/engine/preflight/preflight.ts',
    find: '  if (facts.run !== null) {\n',
    without: '  if (facts.run === null && facts.owner !== null) {\n',
    noticedBy: ['test/engine/preflight/preflight.test.ts > refuses with locked'],
  },
  {
    name: 'preflight: an open transaction',
    protects: 'I11: a run does not begin over an unfinished host',
    file: 'src/engine/preflight/preflight.ts',
    find: "if (facts.phase === 'idle' || facts.phase === 'down') return [];",
    without: 'return [];',
    noticedBy: ['test/engine/preflight/preflight.test.ts > refuses with undecided'],
  },
  {
    name: 'preflight: foreign current',
    protects: 'mina#79: a real folder `current` is left alone',
    file: 'src/engine/preflight/preflight.ts',
    find: "if (facts.current.kind === 'foreign') {",
    without: "if (facts.current.kind === 'foreign' && facts.current.what === '') {",
    noticedBy: ['test/engine/preflight/preflight.test.ts > refuses with current_not_a_link'],
  },
  {
    name: 'preflight: a required switch',
    protects: 'I6: policy.dead_man required is required',
    file: 'src/engine/preflight/preflight.ts',
    find: "if (app.policy.deadMan !== 'required' || facts.deadMan.length > 0) return [];",
    without: 'return [];',
    noticedBy: [
      'test/engine/preflight/preflight.test.ts > a host without an automatic rollback timer is refused',
    ],
  },
  {
    name: 'retention: from and to of the run',
    protects: 'I12: the `from` of the run is never pruned',
    file: 'src/engine/plan/build-plan.ts',
    find: 'const protectedIds = [id, ...(from === null ? [] : [from])];',
    without: 'const protectedIds: ReleaseId[] = [];',
    noticedBy: [`${DRAFT} > prunes neither what the run comes from nor what it goes to`],
  },
  {
    name: 'retention: a rollback prunes nothing',
    protects: 'shipit-deploy: rollback removes what was restored',
    file: 'src/engine/plan/build-plan.ts',
    find: "input.kind === 'rollback' ? [] : pruneOf",
    without: 'pruneOf',
    noticedBy: [`${DRAFT} > prunes nothing where it is a rollback`],
  },
  {
    name: 'deploy: an id of other content',
    protects: 'an id names one content for ever',
    file: 'src/engine/plan/plan-run.ts',
    find: '  refuseImpostor(reached, release);\n',
    without: '',
    noticedBy: [`${DRAFT} > an id that a host has with other content is refused`],
  },
];
