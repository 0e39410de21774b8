import type { ErrorCode } from '../errors/codes.js';
import type { HostFailure } from '../errors/host-failure.js';
import { NEEDED_TOOLS } from '../host/asked.js';
import type { HostFacts } from '../host/protocol.js';
import type { App } from '../model/app.js';
import type { Host } from '../model/host.js';
import { keepFolderCommand, lingerCommand, makeRootCommand } from './admin-commands.js';
import { loginDoubt } from './login.js';
import { serviceSudoers } from './sudoers.js';
import { judgeOwners } from './unsafe-root.js';

/** Room that must stay free beside the release, in bytes. */
const DISK_MARGIN = 64 * 1024 * 1024;

/** What the run will need of each host. */
export interface Demands {
  readonly app: App;
  /** Bytes on disk of archive and unpacked release; 0 where nothing is sent to this host. */
  readonly diskBytes: number;
}

/**
 * What would stop a run on this host, in the order in which a person would mend it; empty where
 * nothing does. Everything found is reported, not only the first.
 */
export function judgeFacts(host: Host, facts: HostFacts, demands: Demands): readonly HostFailure[] {
  return [
    ...judgeTools(facts, demands.app),
    ...judgeRoot(host, facts, demands),
    ...judgeOwners(host, facts, demands.app.root),
    ...judgeService(host, facts, demands.app),
    ...judgeDeadMan(host, facts, demands.app),
    ...judgeState(host, facts),
  ];
}

function judgeTools(facts: HostFacts, app: App): readonly HostFailure[] {
  const found: HostFailure[] = [];
  // What to install is named here: a host may call anything a tool.
  const missing = NEEDED_TOOLS.filter((tool) => facts.missingTools.includes(tool));
  if (missing.length > 0) {
    const names = missing.join(', ');
    found.push(problem('tools_missing', `not on the host: ${names}`, `install ${names} there`));
  }
  for (const { needs, anyOf } of probeTools(app)) {
    if (anyOf.some((tool) => facts.tools.includes(tool))) continue;
    const tools = anyOf.join(' or ');
    found.push(problem('tools_missing', `${needs} needs ${tools} on the host`, `install ${tools}`));
  }
  return found;
}

/** The tools by which the host program makes each kind of probe. */
function probeTools(app: App): readonly { needs: string; anyOf: readonly string[] }[] {
  const kinds = new Set(
    app.probes.map((probe) =>
      probe.kind === 'http' && probe.url.startsWith('https:') ? 'https' : probe.kind,
    ),
  );
  return [
    ...(kinds.has('https') ? [{ needs: 'an https probe', anyOf: ['curl'] }] : []),
    ...(kinds.has('http') ? [{ needs: 'an http probe', anyOf: ['curl', 'bash'] }] : []),
    ...(kinds.has('tcp') ? [{ needs: 'a tcp probe', anyOf: ['bash', 'nc'] }] : []),
  ];
}

function judgeRoot(host: Host, facts: HostFacts, demands: Demands): readonly HostFailure[] {
  const { root } = demands.app;
  const found: HostFailure[] = [];
  // To whom it belongs is said of its own, with another remedy.
  const isForeign = facts.unsafe.some(({ what }) => what === 'owner');
  if (facts.root === 'not-writable' && !isForeign) {
    const { user } = host.ssh;
    const remedy = loginDoubt(host, facts) === null ? makeRootCommand(user, root) : null;
    found.push(
      problem(
        'root_not_writable',
        `${root} cannot be written by ${user}`,
        remedy === null ? `make the folder there, and ${user} its owner` : `there: ${remedy}`,
      ),
    );
  }
  if (facts.current.kind === 'foreign') {
    found.push(
      problem(
        'current_not_a_link',
        `${root}/current is ${facts.current.what}, not a link, so a failed run could not go back to it`,
        facts.current.what === 'a folder'
          ? `keep it as a release that fleet can go back to, on ${host.name}: ${keepFolderCommand(root)}`
          : `move it away on ${host.name}; fleet neither follows nor deletes it`,
      ),
    );
  }
  const need = demands.diskBytes === 0 ? 0 : demands.diskBytes + DISK_MARGIN;
  if (facts.freeBytes < need) {
    const have = `${mib(facts.freeBytes)} MiB free`;
    found.push(
      problem('disk_full', `${have} under ${root}, ${mib(need)} MiB needed`, 'make room there'),
    );
  }
  return [...found, ...judgeShared(host, facts, demands.app)];
}

function judgeShared(host: Host, facts: HostFacts, { root, shared }: App): readonly HostFailure[] {
  // A path to be made is one of fleet.yaml: a host may call anything missing.
  const missing = shared.filter(({ path }) => facts.missingShared.includes(path));
  return missing.map(({ path }) =>
    problem('shared_missing', `${root}/shared/${path} does not exist`, `create it on ${host.name}`),
  );
}

function judgeService(host: Host, facts: HostFacts, app: App): readonly HostFailure[] {
  const found: HostFailure[] = [];
  for (const unit of facts.units) {
    if (unit.load === 'loaded') continue;
    found.push(
      problem(
        'unit_unknown',
        `systemd has no usable unit ${unit.unit} (${unit.load})`,
        'install the unit file there, then systemctl daemon-reload',
      ),
    );
  }
  const needsSudo = app.service.scope === 'system' && app.service.action !== 'none';
  if (needsSudo && (facts.sudo === 'password' || facts.sudo === 'absent')) {
    const what = facts.sudo === 'password' ? 'sudo wants a password' : 'sudo is not there';
    found.push(
      problem(
        'sudo_password',
        `${what}, and ${host.ssh.user} may not call systemctl for the unit without it`,
        sudoHint(host, facts, app),
      ),
    );
  }
  return found;
}

function sudoHint(host: Host, facts: HostFacts, app: App): string {
  const sudoers = serviceSudoers(host.ssh.user, app);
  if (loginDoubt(host, facts) !== null || sudoers.kind === 'none') return 'fleet doctor has more';
  return `allow it, by fleet doctor, which has where it goes and how to check it: ${sudoers.line}`;
}

function judgeDeadMan(host: Host, facts: HostFacts, app: App): readonly HostFailure[] {
  if (app.policy.deadMan !== 'required' || facts.deadMan.length > 0) return [];
  const linger = loginDoubt(host, facts) === null ? lingerCommand(host.ssh.user) : null;
  return [
    problem(
      'dead_man_unavailable',
      "it offers no dead-man's switch, and policy.dead_man requires one",
      `${linger === null ? '' : `there: ${linger}; `}fleet doctor has the other ways`,
    ),
  ];
}

function judgeState(host: Host, facts: HostFacts): readonly HostFailure[] {
  if (facts.run !== null) {
    const owner = facts.owner ?? 'somebody';
    return [
      problem(
        'locked',
        `run ${facts.run} of ${owner} holds this host`,
        'wait for it; if its fleet is no longer alive: fleet recover',
      ),
    ];
  }
  if (facts.phase === 'idle' || facts.phase === 'down') return [];
  return [
    problem(
      'undecided',
      `an earlier run left it in phase ${facts.phase}`,
      `decide it first: fleet recover -g all -l ${host.name}`,
    ),
  ];
}

const mib = (bytes: number): number => Math.ceil(bytes / (1024 * 1024));

function problem(code: ErrorCode, message: string, hint: string): HostFailure {
  return { code, message, hint, step: 'preflight' };
}
