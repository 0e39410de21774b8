import type { HostFacts } from '../../host/protocol/protocol.js';
import { deadManOf, foundOf } from '../../host/reply/facts.js';
import type { Host } from '../../model/hosts/host.js';
import type { App } from '../../model/runs/app.js';
import { whereFlags } from '../../model/runs/where.js';
import { formatDuration } from '../../model/text/duration.js';
import type { ServerOffer } from '../../transport/algorithms/server-offer.js';
import { weaknessesOf } from '../../transport/algorithms/server-weakness.js';
import type { DoctorNote, DoctorRow } from '../../ui/reports/doctor/rows.js';
import type { HostReading, Reading } from '../reading/host-reading.js';
import { undeletableText } from '../reading/undeletable.js';
import { twinFailures } from './admission.js';
import { doctorRights } from './doctor-rights.js';
import { judgeFacts } from './preflight.js';
import { unitWarnings } from './unit-warnings.js';

/** No release is known here, so only the margin beside it must be free. */
const ANY_RELEASE_BYTES = 1;

/** A few seconds of difference may also be a slow answer. */
const MOST_SKEW_SECONDS = 3;

/** What `fleet doctor` says of each host. */
export function doctorRows(surveys: readonly HostReading[], app: App): readonly DoctorRow[] {
  return surveys.map((survey) =>
    survey.kind === 'read' ? readRow(survey, app) : unreadRow(survey),
  );
}

function readRow(read: Extract<HostReading, { kind: 'read' }>, app: App): DoctorRow {
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

function unreadRow({ host, failure }: Extract<HostReading, { kind: 'failed' }>): DoctorRow {
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

/** How far the host's clock, in seconds, is outside the interval in which it was read. */
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
    note(
      'rebooted',
      `it rebooted during activation and is unfinished; to settle it: fleet recover ${whereFlags(app)}`,
    );
  }
  if (facts.phase === 'down')
    note('down', 'the last run left it down; deploy to it again, or roll it back');
  const found = foundOf(facts);
  if (found !== undefined && found.leads !== 'somewhere') {
    const why = found.leads === 'nowhere' ? 'which does not exist' : 'which the login cannot read';
    const text = `current is a link to ${found.target}, ${why}: a failed run cannot return to it`;
    note('no_way_back', `${text}; see fleet plan deploy ${whereFlags(app)}`);
  }
  if (app.policy.deadMan === 'auto' && facts.deadMan.length === 0) {
    const effect = 'if contact is lost during activation, the host does not roll back';
    note('no_dead_man', `no automatic rollback timer is available: ${effect}`);
  }
  if (!facts.guard) {
    const gap = 'after a reboot during activation it stays on the new release, unfinished';
    note(
      'no_guard',
      `no boot guard: ${gap}; to install one: fleet doctor ${whereFlags(app)} --install-guard`,
    );
  }
  if (!facts.deadMan.includes('process')) {
    note(
      'kills_processes',
      'logind ends the processes that a session leaves running (KillUserProcesses=yes)',
    );
  }
  for (const warning of unitWarnings(facts, app)) note('unit_settings', warning);
  if (Math.abs(skew) > MOST_SKEW_SECONDS) {
    const where = skew > 0 ? 'ahead of' : 'behind';
    const amount = formatDuration(Math.abs(skew) * 1000);
    note('clock_skew', `its clock is ${amount} ${where} this machine's`);
  }
  return notes;
}

/** Of the host's answer, only paths that pruning may delete get a command; never the current release. */
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
  return [
    { code: 'weak_ssh', message: `its SSH server offers weak algorithms: ${weak.join('; ')}` },
  ];
}
