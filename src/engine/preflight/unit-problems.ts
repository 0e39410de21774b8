import type { HostFailure } from '../../errors/host-failure.js';
import type { HostFacts, UnitReading } from '../../host/protocol/protocol.js';
import { quote } from '../../host/quote.js';
import type { Host } from '../../model/hosts/host.js';
import type { App, Service } from '../../model/runs/app.js';
import { formatDuration } from '../../model/text/duration.js';
import { problem } from '../reading/host-problem.js';
import { loginDoubt } from '../reading/login.js';
import { lingerCommand } from './admin-commands.js';
import { restartTime } from './restart-time.js';
import { bringsUnit, judgeUnitFiles } from './unit-file-problems.js';

/** Problems with the app's units on a host that would stop a run, or make it fail. */
export function judgeUnits(host: Host, facts: HostFacts, app: App): readonly HostFailure[] {
  return [
    ...judgeManager(host, facts),
    ...facts.units
      .filter(({ unit, load }) => load === 'loaded' || !bringsUnit(app, unit))
      .flatMap((unit) => judgeLoad(unit, app.service)),
    ...judgeUnitFiles(facts, app),
    ...judgeProcesses(facts.units, app),
    ...facts.units.flatMap((unit) => judgeAction(unit, app.service)),
    ...judgeTime(facts.units, app),
  ];
}

/** Units without a process of their own: something else must show whether the app runs. */
function hasProcess(unit: string): boolean {
  return !/\.(target|socket|timer|path)$/.test(unit);
}

/** Whether the action stops what runs. */
export function stopsUnits({ action }: Service): boolean {
  return action === 'restart' || action === 'stop-start';
}

/** `systemctl` as an admin types it for units of this scope. */
export function adminSystemctl({ scope }: Service, words: string): string {
  return scope === 'user' ? `systemctl --user ${words}` : `sudo systemctl ${words}`;
}

function judgeManager(host: Host, facts: HostFacts): readonly HostFailure[] {
  const { userManager } = facts;
  if (userManager === undefined || userManager === 'lingers') return [];
  const { user } = host.ssh;
  const command = loginDoubt(host, facts) === null ? lingerCommand(user) : null;
  const why =
    userManager === 'absent'
      ? `the user systemd of ${user} does not run (service.scope: user)`
      : `${user} does not linger, so its systemd stops its units some seconds after its last login`;
  const hint =
    command === null ? `have ${user} linger (loginctl enable-linger)` : `there: ${command}`;
  return [problem('not_lingering', why, hint)];
}

function judgeLoad({ unit, load }: UnitReading, service: Service): readonly HostFailure[] {
  const name = quote(unit);
  const reload = adminSystemctl(service, 'daemon-reload');
  switch (load) {
    case 'loaded':
      return [];
    case 'masked': {
      const hint = `there: ${adminSystemctl(service, `unmask ${name}`)}`;
      return [problem('unit_unknown', `${unit} is masked, so systemd does not start it`, hint)];
    }
    case 'not-found': {
      const hint = `install its unit file there, then ${reload}; or correct service.unit or service.scope`;
      return [problem('unit_unknown', `systemd knows no unit ${unit} (not-found)`, hint)];
    }
    default: {
      const status = adminSystemctl(service, `status ${name}`);
      const hint = `see ${status} there, correct the unit file, then ${reload}`;
      return [
        problem('unit_unknown', `systemd cannot use the unit file of ${unit} (${load})`, hint),
      ];
    }
  }
}

/** fleet must be able to tell a release that runs from one that died. */
function judgeProcesses(units: readonly UnitReading[], app: App): readonly HostFailure[] {
  const loaded = units.filter(({ load }) => load === 'loaded');
  const bare = loaded.filter(({ unit }) => !hasProcess(unit));
  const judged =
    bare.length === 0 ||
    bare.length < units.length ||
    app.probes.some(({ kind }) => kind !== 'unit') ||
    bare.some(({ parts }) => parts === undefined || parts.length > 0);
  if (judged) return [];
  const names = bare.map(({ unit }) => unit).join(', ');
  return [
    problem(
      'unit_unfit',
      `${names} has no process of its own, and no service behind it was found: a release that dies would pass`,
      'name the services in service.unit as well, or set a probe (http, tcp or command)',
    ),
  ];
}

function judgeAction(unit: UnitReading, service: Service): readonly HostFailure[] {
  if (unit.load !== 'loaded') return [];
  if (service.action === 'reload') return judgeReload(unit, service);
  if (!stopsUnits(service) || unit.parts === undefined || unit.parts.length === 0) return [];
  return judgeParts(unit, unit.parts);
}

function judgeReload({ unit, canReload }: UnitReading, service: Service): readonly HostFailure[] {
  if (canReload !== false) return [];
  const reload = adminSystemctl(service, 'daemon-reload');
  return [
    problem(
      'unit_unfit',
      `${unit} cannot be reloaded: systemd has no ExecReload= for it`,
      `service.action: restart in fleet.yaml; or ExecReload= in the unit there, then ${reload}`,
    ),
  ];
}

type Parts = NonNullable<UnitReading['parts']>;

function judgeParts({ unit }: UnitReading, parts: Parts): readonly HostFailure[] {
  const found: HostFailure[] = [];
  const refuse = (message: string, hint: string): void =>
    void found.push(problem('unit_unfit', message, hint));
  for (const part of parts.filter(({ triggered }) => triggered === 'socket')) {
    if (unit.endsWith('.socket')) {
      const why = `restarting ${unit} alone does not bring ${part.unit}, which runs the app, to the release`;
      refuse(why, `name both in fleet.yaml: unit: [${unit}, ${part.unit}]`);
    } else if (!part.restarted) {
      const why = `restarting ${unit} leaves ${part.unit} running, and a socket does not start while its service runs`;
      refuse(why, `PartOf=${unit} in ${part.unit} there, or name the services in service.unit`);
    }
  }
  if (!unit.endsWith('.target')) return found;
  const ordinary = parts.filter(({ triggered }) => triggered === null);
  const names = ordinary.map((part) => part.unit).join(', ');
  if (ordinary.length > 0 && !parts.some((part) => part.restarted)) {
    refuse(
      `restarting ${unit} restarts none of its services (${names}), so they would go on with the old release`,
      `PartOf=${unit} in those that run the release, or name them in service.unit`,
    );
    return found;
  }
  const startsNone = !parts.some((part) => part.started || part.triggered !== null);
  for (const part of ordinary.filter((each) => each.restarted && !each.started)) {
    if (part.active === 'inactive' && !startsNone) continue;
    refuse(
      `${part.unit} is stopped with ${unit} and not started with it, so a release that dies there stays down`,
      `WantedBy=${unit} in ${part.unit} there (systemctl enable), or name it in service.unit`,
    );
  }
  return found;
}

/** A restart that takes longer than the deadline ends in a rollback, even of a good release. */
function judgeTime(units: readonly UnitReading[], app: App): readonly HostFailure[] {
  const time = restartTime(units, app);
  if (time.kind !== 'too-long') return [];
  const deadline = formatDuration(app.policy.confirmDeadlineMs);
  const what = `the automatic rollback timer (policy.confirm_deadline: ${deadline}) would fire in the middle of a restart`;
  return [
    problem(
      'unit_unfit',
      `${what}: ${time.why}`,
      time.longerThanMs === null
        ? `set TimeoutStopSec= of ${time.unit} there to less than ${deadline}`
        : `policy.confirm_deadline of more than ${formatDuration(time.longerThanMs)}, or TimeoutStopSec= of ${time.unit} there below ${deadline}`,
    ),
  ];
}
