import type { HostFacts } from '../../host/protocol/protocol.js';
import { deadManOf, foundOf } from '../../host/reply/facts.js';
import type { Host } from '../../model/hosts/host.js';
import type { App } from '../../model/runs/app.js';
import { formatDuration } from '../../model/text/duration.js';
import type { ServerOffer } from '../../transport/algorithms/server-offer.js';
import { weaknessesOf } from '../../transport/algorithms/server-weakness.js';
import type { DoctorNote, DoctorRow } from '../../ui/reports/doctor/rows.js';
import type { HostSurvey, Reading } from '../reading/host-reading.js';
import { undeletableText } from '../reading/undeletable.js';
import { twinFailures } from './admission.js';
import { doctorRights } from './doctor-rights.js';
import { judgeFacts } from './preflight.js';
import { unitWarnings } from './unit-warnings.js';

/** No release is at hand to ask for room for, so only the margin beside it must be free. */
const ANY_RELEASE_BYTES = 1;

/** A few seconds of difference are a slow answer as well. */
const MOST_SKEW_SECONDS = 3;

/** What `fleet doctor` says of each host. */
export function doctorRows(surveys: readonly HostSurvey[], app: App): readonly DoctorRow[] {
  return surveys.map((survey) =>
    survey.kind === 'read' ? readRow(survey, app) : unreadRow(survey),
  );
}

function readRow(read: Extract<HostSurvey, { kind: 'read' }>, app: App): DoctorRow {
  const { host, facts, reading } = read;
  const { run, owner, lease } = facts;
  const skew = facts.now === null ? 0 : clockSkew(facts.now, reading);
  const off = app.policy.deadMan === 'off';
  const rights = doctorRights({ host, facts }, app);
  return {
    host: host.name,
    reachable: true,
    stops: [
      ...twinFailures(read),
      ...judgeFacts(host, facts, { app, diskBytes: ANY_RELEASE_BYTES }),
    ],
    notes: [
      ...notesOf(facts, app, skew),
      ...undeletableNotes(host, facts, app),
      ...rights.notes,
      ...sshNotes(reading.server),
    ],
    deadMan: { offered: facts.deadMan, used: deadManOf(facts, app), off },
    guard: facts.guard,
    claim: run === null ? null : { run, owner, leaseSeconds: lease },
    open: openOf(facts),
    clockSkewSeconds: skew,
    sudoers: rights.sudoers,
  };
}

function unreadRow({ host, failure }: Extract<HostSurvey, { kind: 'failed' }>): DoctorRow {
  return {
    host: host.name,
    reachable: false,
    stops: [],
    notes: [],
    deadMan: null,
    guard: null,
    claim: null,
    open: null,
    clockSkewSeconds: null,
    sudoers: [],
    error: failure,
  };
}

/** How far the host's clock, in seconds, lies outside of the time in which it was read. */
function clockSkew(now: number, { since, until }: Reading): number {
  const [first, last] = [Math.floor(since.getTime() / 1000), Math.ceil(until.getTime() / 1000)];
  if (now < first) return now - first;
  return now > last ? now - last : 0;
}

function openOf(facts: HostFacts): DoctorRow['open'] {
  if (facts.switch === null && facts.deadline === null) return null;
  const { phase, from, to, deadline } = facts;
  return { phase, from, to, switch: facts.switch, deadlineSeconds: deadline };
}

function notesOf(facts: HostFacts, app: App, skew: number): readonly DoctorNote[] {
  const notes: DoctorNote[] = [];
  const note = (code: DoctorNote['code'], message: string): void =>
    void notes.push({ code, message });
  if (facts.rebooted) {
    note('rebooted', 'it was rebooted in the middle of its switch; fleet recover decides it');
  }
  if (facts.phase === 'down') note('down', 'the last run left it down; a run may mend it');
  const found = foundOf(facts);
  if (found !== undefined && found.leads !== 'somewhere') {
    const why = found.leads === 'nowhere' ? 'where nothing is' : 'where the login may not look';
    note('no_way_back', `current is a link to ${found.target}, ${why}: see fleet plan deploy`);
  }
  if (app.policy.deadMan === 'auto' && facts.deadMan.length === 0) {
    note('no_dead_man', 'if it loses contact in its switch it stays as it is: no way to arm one');
  }
  if (!facts.guard) {
    const gap = 'if it reboots in the middle of its switch it comes up on the new release until';
    note('no_guard', `no guard: ${gap} fleet recover; see --install-guard`);
  }
  if (!facts.deadMan.includes('process')) {
    note('kills_processes', 'logind ends what a session leaves behind (KillUserProcesses=yes)');
  }
  for (const warning of unitWarnings(facts, app)) note('unit_settings', warning);
  if (Math.abs(skew) > MOST_SKEW_SECONDS) {
    const where = skew > 0 ? 'ahead of' : 'behind';
    const amount = formatDuration(Math.abs(skew) * 1000);
    note('clock_skew', `its clock is ${amount} ${where} this machine's`);
  }
  return notes;
}

/** The host names only what pruning has left; what its current release is it tells by itself. */
function undeletableNotes(host: Host, facts: HostFacts, app: App): readonly DoctorNote[] {
  const old = facts.releases
    .map(({ id }) => id)
    .filter((id) => facts.current.kind !== 'link' || facts.current.release !== id);
  const place = { root: app.root, user: host.ssh.user, old };
  return facts.undeletable.map((each) => ({
    code: 'undeletable',
    message: undeletableText(each, place),
  }));
}

function sshNotes(server: ServerOffer | null): readonly DoctorNote[] {
  const weak = server === null ? [] : weaknessesOf(server);
  if (weak.length === 0) return [];
  return [{ code: 'weak_ssh', message: `its SSH server offers what is weak: ${weak.join('; ')}` }];
}
