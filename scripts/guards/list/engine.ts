import type { Guard } from '../guard.js';

const HEARTBEAT = 'test/engine/heartbeat.test.ts';
const LOCK = 'test/engine/bastion-lock.test.ts';
const RECOVERY = 'test/engine/recovery-steps.test.ts';
const RESUME = 'test/engine/resume.test.ts';

/** Whether this controller may act. */
const LEASE_GUARDS: readonly Guard[] = [
  {
    name: 'lease: held before each call',
    protects: 'I3: a controller that slept and woke sends nothing',
    file: 'src/engine/caller.ts',
    find: '  if (lease?.held === false) return LEASE_LOST;\n',
    without: '',
    noticedBy: [`${HEARTBEAT} > a process that stood still for two thirds of its lease`],
  },
  {
    name: 'lease: lost stays lost',
    protects: 'I3: a controller that slept and woke sends nothing',
    file: 'src/engine/lease.ts',
    find: 'if (this.held) this.#ranAt',
    without: 'this.#lost = false;\n    this.#ranAt',
    noticedBy: [`${HEARTBEAT} > a process that stood still for two thirds of its lease`],
  },
  {
    name: 'heartbeat: renews',
    protects: 'I3: a claim is not lost by a run that lives',
    file: 'src/engine/heartbeat.ts',
    find: '    for (const host of due) {',
    without: '    for (const host of due.slice(due.length)) {',
    noticedBy: [`${HEARTBEAT} > claims are renewed every third of the lease`],
  },
  {
    name: 'heartbeat: a lock that was taken',
    protects: 'I3: whose lock was taken over has lost its lease',
    file: 'src/engine/heartbeat.ts',
    find: '    if (!options.hasLock()) lease.lose();\n',
    without: '',
    noticedBy: [`${HEARTBEAT} > a run whose lock on the bastion was taken`],
  },
  {
    name: 'heartbeat: a host that was taken',
    protects: 'I3: a run that lost a host stops',
    file: 'src/engine/heartbeat.ts',
    find: 'else if (isFenced(failure) && !signal.aborted) run.onFenced(name, failure);',
    without: '',
    noticedBy: [`${HEARTBEAT} > a host that answers that it is another run`],
  },
  {
    name: 'bastion lock: a living holder',
    protects: 'two runs of one bastion do not run into each other',
    file: 'src/engine/bastion-lock.ts',
    find: '    if (found?.alive === true) return found.holder;\n',
    without: '',
    noticedBy: [`${LOCK} > is held by one run of an app and group at a time`],
  },
  {
    name: 'bastion lock: a dead holder',
    protects: 'kamal#656: a lock left by a cancelled job, for weeks',
    file: 'src/engine/bastion-lock.ts',
    find: "livenessOf(holder) !== 'dead' && silentMs",
    without: 'silentMs',
    noticedBy: [`${LOCK} > of a process that is dead is taken at once`],
  },
  {
    name: 'bastion lock: a silent holder',
    protects: 'deployer#3335: a lock without a heartbeat',
    file: 'src/engine/bastion-lock.ts',
    find: ' && silentMs < holder.leaseMs',
    without: '',
    noticedBy: [`${LOCK} > of a process that stands still is taken after its lease`],
  },
  {
    name: 'bastion lock: looking and taking are one',
    protects: 'deployer, mina: check, then create',
    file: 'src/engine/bastion-lock.ts',
    find: 'return withFileLock(`' + '$' + '{file}.taking`, async () => {',
    without: 'return (async (take: () => Promise<LockHolder | null>) => take())(async () => {',
    noticedBy: [`${LOCK} > is looked at and taken by one process at a time`],
  },
  {
    name: 'bastion lock: only its own is given back',
    protects: "deployer#958: unlock of somebody else's lock",
    file: 'src/engine/bastion-lock.ts',
    find: 'if (held) rmSync(file, { force: true });',
    without: 'rmSync(file, { force: true });',
    noticedBy: [`${LOCK} > of a process that stands still is taken after its lease`],
  },
  {
    name: 'process identity: more than a number',
    protects: 'a process id that was given out again is not the run',
    file: 'src/engine/process-identity.ts',
    find: "return startTimeOf(identity.pid) === identity.start ? 'alive' : 'dead';",
    without: "return startTimeOf(identity.pid) !== null ? 'alive' : 'dead';",
    noticedBy: [`${LOCK} > a run is known to be alive by its process, not by the number`],
  },
];

/** What a dead run has left. */
const RECOVERY_GUARDS: readonly Guard[] = [
  {
    name: 'recover: refuses living runs',
    protects: 'I3: nobody takes hosts from under a run that lives',
    file: 'src/cli/agree-to-recover.ts',
    find: '  if (alive.length === 0) return;\n',
    without: '  return;\n',
    noticedBy: ['test/cli/recovery.test.ts > of a run that may be alive is refused'],
  },
  {
    name: 'recover: a lease that has not run out',
    protects: 'I3: a run of another bastion may be alive',
    file: 'src/cli/recovery.ts',
    find: 'return facts.lease === null || facts.lease > 0;',
    without: 'return false;',
    noticedBy: ['test/cli/recovery.test.ts > of a run that may be alive is refused'],
  },
  {
    name: 'recover: by phase',
    protects: 'I11: an open switch is taken back',
    file: 'src/engine/remedy.ts',
    find: "      return 'revert';",
    without: "      return 'release';",
    noticedBy: ['test/engine/recover.test.ts > a host is remedied by the phase that it is in'],
  },
  {
    name: 'recover: adopts first',
    protects: 'I3: whoever left it can do nothing there any more',
    file: 'src/engine/recover.ts',
    find: 'return [adoptStep(by, tenure), ...back,',
    without: 'return [...back,',
    noticedBy: [`${RECOVERY} > takes each host over in a newer epoch first`],
  },
  {
    name: 'recover: force only over the dead',
    protects: 'I3: a lease is respected by a recovery too',
    file: 'src/engine/recover.ts',
    find: 'const force = facts.run !== null && isDead(facts.run);',
    without: 'const force = true;',
    noticedBy: [`${RECOVERY} > goes over no lease but those of runs that are known to be dead`],
  },
  {
    name: 'recover: the unit is up',
    protects: 'I2: reverted means that the old release runs',
    file: 'src/engine/recover.ts',
    find: '  if (!fits) return {',
    without: '  if (false) return {',
    noticedBy: [`${RECOVERY} > says down where the unit is not up after its way back`],
  },
  {
    name: 'recover: a newer epoch than any',
    protects: 'I3: no epoch is given out twice',
    file: 'src/engine/recover.ts',
    find: 'const epoch = 1 + Math.max(0, ...epochs);',
    without: 'const epoch = 2;',
    noticedBy: [`${RECOVERY} > takes each host over in a newer epoch first`],
  },
  {
    name: 'resume: hosts that have moved',
    protects: 'a run goes on over the hosts that it knew',
    file: 'src/engine/resume.ts',
    find: 'if (problems.length === 0) return;\n  throw',
    without: 'return;\n  throw',
    noticedBy: [`${RESUME} > is refused where a host is on something else`],
  },
  {
    name: 'resume: only what this run confirmed is done',
    protects: 'I5: what others brought there is switched, behind its gate',
    file: 'src/engine/resume.ts',
    find: '.`) === true',
    without: '.`) !== true',
    noticedBy: [`${RESUME} > takes as done only what the run itself has confirmed`],
  },
  {
    name: 'resume: an approval is that of one wave',
    protects: 'a person agrees to the wave that was asked for',
    file: 'src/engine/resume.ts',
    find: 'plan.approvals.filter((wave) => wave !== agreedTo)',
    without: 'plan.approvals.filter(() => agreedTo === null)',
    noticedBy: [`${RESUME} > leaves every approval to be asked for but the one`],
  },
  {
    name: 'dead run: every host was read',
    protects: 'I9: a run is not closed as succeeded over hosts that nobody read',
    file: 'src/engine/dead-run.ts',
    find: "if (has('unknown') || has('down')) {",
    without: "if (has('down')) {",
    noticedBy: [`${RECOVERY} > a dead run with a host that was not read has not ended well`],
  },
];

export const ENGINE_GUARDS: readonly Guard[] = [...LEASE_GUARDS, ...RECOVERY_GUARDS];
