import type { HostFailure } from '../../errors/host-failure.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import type { UnsafePath } from '../../host/protocol/unsafe-path.js';
import { quote, quotePath } from '../../host/quote.js';
import type { Host } from '../../model/hosts/host.js';
import { problem } from '../reading/host-problem.js';

const SHOWN = 3;

/**
 * Refuses a host on which another user could replace fleet's program, or choose what fleet reads there.
 * Commands are composed of the inventory and the config alone: the host says where something is wrong,
 * never what an admin runs. So no `chown` goes below the root, where an attacker with the login could
 * have put a link.
 */
export function judgeOwners(host: Host, facts: HostFacts, root: string): readonly HostFailure[] {
  if (facts.unsafe.length === 0) return [];
  const shown = facts.unsafe.slice(0, SHOWN).map((each) => describe(each, host.ssh.user));
  const more = facts.unsafe.length > SHOWN ? [`${facts.unsafe.length - SHOWN} more`] : [];
  const place = placeIn(root, facts.rootPath);
  const remedies = new Set(facts.unsafe.map((each) => remedy(each, { host, root, place })));
  const app = facts.unsafe.some(({ path }) => place(path).kind !== 'above') ? [APP] : [];
  const message = `another user could take over ${host.ssh.user} here: ${[...shown, ...more].join('; ')}`;
  return [problem('root_unsafe', message, [...remedies, ...app].join('; '))];
}

const APP = 'let the app write only to a folder of its own below shared/';

function describe({ path, what, uid, gid, mode }: UnsafePath, user: string): string {
  switch (what) {
    case 'owner':
      return `${path} belongs to uid ${uid}, not to ${user} or root`;
    case 'link':
      return `${path} is a link, which fleet did not make`;
    case 'writable':
      return mode[8] === 'w'
        ? `${path} may be written by every user (${mode})`
        : `${path} may be written by group ${gid} (${mode})`;
    default:
      return what satisfies never;
  }
}

/** Where a path is, by the root in the config. `elsewhere`: the config does not tell. */
type Place =
  | { readonly kind: 'above' | 'root' | 'below'; readonly path: string }
  | { readonly kind: 'elsewhere' };

function placeIn(root: string, resolved: string): (path: string) => Place {
  return (path) => {
    const inner = path.startsWith(`${resolved}/`) ? path.slice(resolved.length) : null;
    if (inner !== null) {
      return PLAIN.test(inner) ? { kind: 'below', path: root + inner } : { kind: 'elsewhere' };
    }
    if (path === root || path === resolved) return { kind: 'root', path: root };
    const isAbove = path === '/' || root.startsWith(`${path}/`);
    return isAbove ? { kind: 'above', path } : { kind: 'elsewhere' };
  };
}

/** Names of what fleet itself keeps below the root. */
const PLAIN = /^(\/(?!\.\.?(\/|$))[A-Za-z0-9._-]+){1,3}$/;

interface Asked {
  readonly host: Host;
  readonly root: string;
  readonly place: (path: string) => Place;
}

function remedy({ path, what, uid }: UnsafePath, { host, root, place }: Asked): string {
  const { user } = host.ssh;
  const at = place(path);
  if (at.kind === 'elsewhere') return 'ask an admin of the host to inspect the paths above';
  // `go-w` on a root that root shares with a group would keep the user from writing, so it needs an owner too.
  if (
    what === 'writable' &&
    at.kind === 'root' &&
    uid === 0 &&
    user !== 'root' &&
    at.path.startsWith('/')
  ) {
    return `there, as root: chown -h ${quote(user)} ${quotePath(at.path)} && chmod go-w ${quotePath(at.path)}; or, if others work in it too, set a root in fleet.yaml that only ${user} uses`;
  }
  if (what === 'writable') {
    return uid === 0 && user !== 'root'
      ? `there, as root: chmod go-w ${quotePath(at.path)}`
      : `there, as ${user}: chmod go-w ${quotePath(at.path)}`;
  }
  if (at.kind === 'above') return `keep the app below folders of root or ${user}`;
  if (at.kind === 'root' && what === 'owner' && at.path.startsWith('/')) {
    return `there, as root: chown -h ${quote(user)} ${quotePath(at.path)}`;
  }
  const [top = ''] = /^\/[^/]+/.exec(at.path.slice(root.length)) ?? [];
  return `there, as root: inspect ${quotePath(root + top)}, and delete what neither ${user} nor fleet put there`;
}
