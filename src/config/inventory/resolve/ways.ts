import type { Problem } from '../../../errors/fleet-error.js';
import type { Endpoint } from '../../../model/hosts/host.js';
import type { Hop } from '../../settings/jump.js';
import {
  BY_DEFAULT,
  JUMP_KEYS,
  type Origin,
  problemFrom,
  type Setting,
  type Sourced,
} from '../../settings/setting.js';
import { PROXY_COMMAND } from '../../ssh-config/keywords.js';
import type { SshConfigLayer } from '../../ssh-config/settings.js';
import { askedHops, type HopLayers } from './hops.js';
import { buildSsh } from './host.js';
import { firstOf, fromInventory, inSshConfig, type Lookup, without } from './lookup.js';
import { addressOf, type HostSources, type Profile } from './profile.js';

export interface Ways {
  /** A host of the inventory as an endpoint, the way there resolved. */
  endpointOf(name: string): Endpoint;
  readonly problems: readonly Problem[];
}

/** More in a row than any network has; each is a connection inside the one before. */
const MAX_HOPS = 16;

/** Settings that a hop never takes from the host behind it. */
const NOT_INHERITED = new Set(['ssh.port', 'ssh.host_key_alias', 'ssh.jump']);

/** The user, and the keys to log in with. */
const LOGIN = new Set([
  'ssh.user',
  'ssh.identity_file',
  'ssh.identities_only',
  'ssh.agent',
  'ssh.passphrase',
]);

interface Given {
  readonly hosts: ReadonlyMap<string, HostSources>;
  readonly hopLayers: HopLayers;
  readonly profileOf: (host: HostSources) => Profile;
  readonly defaults: Lookup;
  readonly agentSocket: string | null;
}

/** Resolves the ways to hosts. Endpoints that are equal are one object, so that hosts share them. */
export function createWays(given: Given): Ways {
  const finding: Finding = {
    ...given,
    problems: new Map(),
    done: new Map(),
    interned: new Map(),
    numbers: new Map(),
  };
  return {
    endpointOf: (name) => hostEndpoint(finding, name, []),
    get problems() {
      return [...finding.problems.values()];
    },
  };
}

interface Finding extends Given {
  /** By the place that is at fault, as one line may concern thousands of hosts. */
  readonly problems: Map<string, Problem>;
  readonly done: Map<string, Endpoint>;
  readonly interned: Map<string, Endpoint>;
  readonly numbers: Map<Endpoint, number>;
}

function hostEndpoint(finding: Finding, name: string, trail: readonly string[]): Endpoint {
  const known = finding.done.get(name);
  if (known !== undefined) return known;
  const host = finding.hosts.get(name);
  if (host === undefined) throw new TypeError(`no host ${name}`);
  const { lookup, ssh } = finding.profileOf(host);
  const written = lookup('ssh.jump');
  const file = host.own.get('ssh.config_file')?.[0];
  const jump = wayThrough(finding, { written, behind: lookup, file, trail: [...trail, name] });
  const address = String(addressOf(host).value);
  const endpoint = { name, address, ssh: jump === null ? ssh : { ...ssh, jump } };
  if (!host.own.has('ssh.jump')) refuseProxyCommand(finding, endpoint, host.sshConfig);
  finding.done.set(name, endpoint);
  return endpoint;
}

interface Passage {
  readonly written: Sourced | undefined;
  /** The settings of the host that the way leads to. */
  readonly behind: Lookup;
  readonly file: Setting | undefined;
  /** The hosts that this way is a part of the way to. */
  readonly trail: readonly string[];
}

/** The last hop of a way, which is reached through those before; null without jump hosts. */
function wayThrough(finding: Finding, passage: Passage): Endpoint | null {
  const { written, file, trail } = passage;
  if (typeof written?.value !== 'string') return null;
  let last: Endpoint | null = null;
  for (const { hop, query } of askedHops({ way: written.value, file })) {
    const isHost = finding.hosts.has(hop.text);
    const id = isHost || !finding.hosts.has(hop.address) ? hop.text : hop.address;
    if (trail.includes(id) || trail.length >= MAX_HOPS) {
      refuseCircle(finding, written.origin, [...trail, id]);
      return null;
    }
    const layer = finding.hopLayers(query);
    last = hopEndpoint(finding, hop, { ...passage, last, layer, trail: [...trail, id] });
  }
  return last;
}

interface HopPassage extends Passage {
  readonly last: Endpoint | null;
  readonly layer: SshConfigLayer;
}

/** Settings in its text come first, then its own, then those of the host behind it. */
function hopEndpoint(finding: Finding, hop: Hop, passage: HopPassage): Endpoint {
  const { last, layer, trail } = passage;
  if (finding.hosts.has(hop.address)) {
    const host = hostEndpoint(finding, hop.address, trail.slice(0, -1));
    const ssh = {
      ...host.ssh,
      user: hop.user ?? host.ssh.user,
      port: hop.port ?? host.ssh.port,
      jump: last ?? host.ssh.jump,
    };
    return intern(finding, { name: hop.text, address: host.address, ssh });
  }
  const text = (key: string): Sourced | undefined => textOf(hop, key);
  const { named, inherited } = takenOver(passage.behind);
  const lookup = firstOf(text, named, inSshConfig(layer), inherited, finding.defaults);
  const jump =
    last ?? wayThrough(finding, { ...passage, written: layer.get('ssh.jump'), behind: lookup });
  const ssh = buildSsh(lookup, { jump, agentSocket: finding.agentSocket });
  const address = String(layer.get('address')?.value ?? hop.address);
  if (last === null) refuseProxyCommand(finding, { name: hop.text, address, ssh }, layer);
  return intern(finding, { name: hop.text, address, ssh });
}

/**
 * What a hop takes from the host behind it. A hop that was written for ssh itself has its keys named, or
 * none, and takes nothing of the login.
 */
function takenOver(behind: Lookup): { readonly named: Lookup; readonly inherited: Lookup } {
  const inherited = fromInventory(without(NOT_INHERITED, behind));
  const keys = behind(JUMP_KEYS);
  if (!Array.isArray(keys?.value)) return { named: () => undefined, inherited };
  const isNamed = keys.value.length > 0;
  return {
    named: (key) => (isNamed && key === 'ssh.identity_file' ? keys : undefined),
    inherited: without(LOGIN, inherited),
  };
}

function textOf({ user, port }: Hop, key: string): Sourced | undefined {
  const value = key === 'ssh.user' ? user : key === 'ssh.port' ? port : null;
  return value === null ? undefined : { value, origin: BY_DEFAULT };
}

function intern(finding: Finding, endpoint: Endpoint): Endpoint {
  const { jump, ...ssh } = endpoint.ssh;
  const before = jump === null ? 0 : finding.numbers.get(jump);
  const key = JSON.stringify([endpoint.name, endpoint.address, ssh, before]);
  const known = finding.interned.get(key);
  if (known !== undefined) return known;
  finding.interned.set(key, endpoint);
  finding.numbers.set(endpoint, finding.numbers.size + 1);
  return endpoint;
}

function refuseCircle(finding: Finding, origin: Origin, trail: readonly string[]): void {
  const closing = trail.at(-1) ?? '';
  const way = trail.slice(trail.indexOf(closing)).join(' via ');
  const isCircle = trail.indexOf(closing) < trail.length - 1;
  report(finding, origin, {
    message: isCircle ? `${way}: a circle` : `more than ${MAX_HOPS} jump hosts in a row`,
    hint: 'set jump: none on the host that fleet connects to directly',
  });
}

function refuseProxyCommand(finding: Finding, endpoint: Endpoint, layer: SshConfigLayer): void {
  const command = layer.get(PROXY_COMMAND);
  if (command === undefined || endpoint.ssh.transport !== 'ssh2') return;
  report(finding, command.origin, {
    message: `${endpoint.name} is reached by a ProxyCommand, which transport ssh2 cannot run`,
    hint: 'set transport: openssh for it, or jump: [USER@]HOST[:PORT], or jump: none',
  });
}

function report(
  finding: Finding,
  origin: Origin,
  words: { readonly message: string; readonly hint: string },
): void {
  const problem = problemFrom(origin, words);
  const { location, message } = problem;
  const key = location ? `${location.file}:${location.line}:${location.column}` : message;
  if (!finding.problems.has(key)) finding.problems.set(key, problem);
}
