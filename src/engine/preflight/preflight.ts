import type { HostFailure } from '../../errors/host-failure.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import { NEEDED_TOOLS } from '../../host/reply/asked.js';
import { whyUnread } from '../../host/reply/facts.js';
import type { Host } from '../../model/hosts/host.js';
import type { App } from '../../model/runs/app.js';
import { whereFlags } from '../../model/runs/where.js';
import { problem } from '../reading/host-problem.js';
import { loginDoubt } from '../reading/login.js';
import { unreadUnits, unreadWords } from '../reading/unit-health.js';
import { hasRootBySudo, keepFolderCommand, lingerCommand } from './admin-commands.js';
import { judgeSudo } from './sudo-rights.js';
import { judgeUnfit } from './unfit-tools.js';
import { judgeUnits } from './unit-problems.js';
import { judgeOwners } from './unsafe-root.js';
import { judgeUnwritten } from './unwritten-root.js';

/** Disk space that must stay free beside the release, in bytes. */
const DISK_MARGIN = 64 * 1024 * 1024;

/** What the run needs of each host. */
export interface Demands {
  readonly app: App;
  /** Bytes on disk of archive and unpacked release; 0 where nothing is sent to this host. */
  readonly diskBytes: number;
}

/**
 * What would stop a run on this host, in the order in which a person would fix it; empty if nothing
 * does. Every problem is reported, not only the first.
 */
export function judgeFacts(host: Host, facts: HostFacts, demands: Demands): readonly HostFailure[] {
  return [
    ...judgeTools(facts, demands.app),
    ...judgeUnfit(facts),
    ...judgeRoot(host, facts, demands),
    ...judgeOwners(host, facts, demands.app.root),
    ...judgeService(host, facts, demands.app),
    ...judgeDeadMan(host, facts, demands.app),
    ...judgeState(facts, demands.app),
    ...judgeUnread(facts, demands.app),
  ];
}

/** A unit that could not be read counts as a problem. */
function judgeUnread(facts: HostFacts, { service, root }: App): readonly HostFailure[] {
  const found: HostFailure[] = [];
  const words = unreadWords(service.units, facts);
  if (words !== null) {
    const scope = service.scope === 'user' ? ' --user' : '';
    const names = unreadUnits(service.units, facts.units).join(' ');
    const hint = `see on the host why: systemctl${scope} status ${names}`;
    found.push(problem('not_readable', words, hint));
  }
  return [...found, ...judgeRecords(facts, root)];
}

/** Files of fleet on the host that the login cannot read: without them, state or releases would seem empty. */
function judgeRecords(facts: HostFacts, root: string): readonly HostFailure[] {
  return [whyUnread(facts, 'state'), whyUnread(facts, 'releases')]
    .filter((why) => why !== null)
    .map((why) => {
      const hint = `on the host, make the login user the owner of ${root}/.fleet and all in it`;
      return problem('not_readable', `what fleet keeps there cannot be read: ${why}`, hint);
    });
}

function judgeTools(facts: HostFacts, app: App): readonly HostFailure[] {
  const found: HostFailure[] = [];
  // The names come from this list, not from the host: it could call anything a tool.
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

/** The tools that the host program needs for each kind of probe. */
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
  const unwritten = judgeUnwritten({ host, facts }, root);
  if (unwritten !== null) found.push(unwritten);
  if (facts.current.kind === 'foreign') {
    found.push(
      problem(
        'current_not_a_link',
        `${root}/current is ${facts.current.what}, not a link, so a failed run could not return to it`,
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
  if (facts.noInodes) {
    const hint = 'delete files there that are not needed; df -i shows how many there are';
    found.push(
      problem('disk_full', `no inodes left under ${root}: there are too many files`, hint),
    );
  }
  return [...found, ...judgeShared(host, facts, demands.app)];
}

function judgeShared(host: Host, facts: HostFacts, { root, shared }: App): readonly HostFailure[] {
  // The paths come from fleet.yaml, not from the host: it could call anything missing.
  const missing = shared.filter(({ path }) => facts.missingShared.includes(path));
  return missing.map(({ path }) =>
    problem('shared_missing', `${root}/shared/${path} does not exist`, `create it on ${host.name}`),
  );
}

function judgeService(host: Host, facts: HostFacts, app: App): readonly HostFailure[] {
  const sudo = judgeSudo({ host, facts }, app);
  const units = judgeUnits(host, facts, app);
  return sudo === null ? units : [...units, sudo];
}

function judgeDeadMan(host: Host, facts: HostFacts, app: App): readonly HostFailure[] {
  if (app.policy.deadMan !== 'required' || facts.deadMan.length > 0) return [];
  const linger =
    loginDoubt(host, facts) === null ? lingerCommand(host.ssh.user, hasRootBySudo(facts)) : null;
  return [
    problem(
      'dead_man_unavailable',
      'no automatic rollback timer is available there, and policy.dead_man requires one',
      `${linger === null ? '' : `there: ${linger}; `}for other ways: fleet doctor -g GROUP`,
    ),
  ];
}

function judgeState(facts: HostFacts, app: App): readonly HostFailure[] {
  if (facts.run !== null) {
    const owner = facts.owner ?? 'an unknown user';
    return [
      problem(
        'locked',
        `run ${facts.run} of ${owner} holds this host`,
        `wait for that run; if its fleet process is gone: fleet recover ${whereFlags(app)}`,
      ),
    ];
  }
  if (facts.phase === 'idle' || facts.phase === 'down') return [];
  return [
    problem(
      'undecided',
      `an earlier run left it unfinished, in phase ${facts.phase}`,
      `settle it first: fleet recover ${whereFlags(app)}`,
    ),
  ];
}

const mib = (bytes: number): number => Math.ceil(bytes / (1024 * 1024));
