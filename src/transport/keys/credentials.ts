import type { AnyAuthMethod, ParsedKey } from 'ssh2';
import type { HostFailure } from '../../errors/host-failure.js';
import { printableLine } from '../../errors/printable.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { fingerprint } from '../known-hosts/check.js';
import { type AgentKeys, askAgent } from './agent.js';
import { type Identity, type PassphraseSource, readIdentity, unseal } from './identity.js';

/** What is offered to one host, in order, and what to report if all of it is refused. */
export interface Offer {
  readonly methods: readonly AnyAuthMethod[];
  /** The keys whose private part is available. */
  readonly own: readonly ParsedKey[];
  /** The keys by file or comment, for messages. */
  readonly keys: readonly string[];
  /** Identities that were named but cannot be used, each with its reason. */
  readonly leftOut: readonly string[];
}

type OfferOutcome =
  | { readonly kind: 'offer'; readonly offer: Offer }
  | { readonly kind: 'failed'; readonly failure: HostFailure };

export interface Credentials {
  /** Reads and opens each key once a run, so that a passphrase is asked for once a key, not once a host. */
  offerFor(host: Endpoint): Promise<OfferOutcome>;
}

export function createCredentials(source: PassphraseSource): Credentials {
  const read = new Map<string, Promise<Identity>>();
  const opened = new Map<string, Promise<Identity>>();
  const agents = new Map<string, Promise<AgentKeys | Error>>();
  let asking: Promise<unknown> = Promise.resolve();

  /** One question at a time: two prompts in one terminal would read each other's answer. */
  function open(file: string, reference: string | null): Promise<Identity> {
    return once(opened, `${file}\0${reference ?? ''}`, () => {
      const turn = asking.then(() => unseal(file, reference, source));
      asking = turn.catch(() => {});
      return turn;
    });
  }

  async function identity(
    file: string,
    host: Endpoint,
    agent: AgentKeys | null,
  ): Promise<Identity> {
    const found = await once(read, file, () => readIdentity(file));
    if (found.kind !== 'sealed') return found;
    const { publicKey } = found;
    if (publicKey !== null && agent?.keys.some((key) => key.getPublicSSH().equals(publicKey))) {
      return found;
    }
    if (found.otherwise !== null) return found.otherwise;
    return open(file, host.ssh.passphrase);
  }

  return {
    async offerFor(host) {
      const socket = host.ssh.agent;
      const agent = socket === null ? null : await once(agents, socket, () => ask(socket));
      const held = agent instanceof Error ? null : agent;
      const identities: Identity[] = [];
      for (const file of host.ssh.identityFiles) identities.push(await identity(file, host, held));
      const agentProblem = agent instanceof Error ? [`agent ${socket}: ${agent.message}`] : [];
      return compose(host, identities, held, agentProblem);
    },
  };
}

function compose(
  host: Endpoint,
  identities: readonly Identity[],
  agent: AgentKeys | null,
  agentProblem: readonly string[],
): OfferOutcome {
  const username = host.ssh.user;
  const usable = identities.filter((identity) => identity.kind === 'usable');
  const unusable = identities.filter((identity) => identity.kind === 'unusable');
  const rest = agentKeys(host, identities, agent);
  const leftOut = [...unusable.map(({ file, reason }) => `${file}: ${reason}`), ...agentProblem];
  if (usable.length === 0 && rest.length === 0) return nothingToOffer(host, identities, leftOut);

  const methods: AnyAuthMethod[] = usable.map(({ key }) => ({ type: 'publickey', username, key }));
  if (agent !== null && rest.length > 0) {
    methods.push({ type: 'agent', username, agent: agent.offering(rest) });
  }
  const keys = [
    ...usable.map(({ file, key }) => describe(file, key)),
    ...rest.map((key) => describe(`agent key ${key.comment}`, key)),
  ];
  return { kind: 'offer', offer: { methods, own: usable.map(({ key }) => key), keys, leftOut } };
}

/**
 * The agent's keys that no usable file has, those of the identity files first: sshd hangs up after six wrong
 * keys. With `identities_only` there are no others.
 */
function agentKeys(
  { ssh }: Endpoint,
  identities: readonly Identity[],
  agent: AgentKeys | null,
): readonly ParsedKey[] {
  const usable = identities.filter((identity) => identity.kind === 'usable');
  const keys = (agent?.keys ?? []).filter((key) => !usable.some((own) => own.key.equals(key)));
  const named = keys.filter((key) => identities.some((identity) => isOf(identity, key)));
  return ssh.identitiesOnly ? named : [...named, ...keys.filter((key) => !named.includes(key))];
}

function isOf(identity: Identity, key: ParsedKey): boolean {
  return identity.kind === 'sealed' && identity.publicKey?.equals(key.getPublicSSH()) === true;
}

function nothingToOffer(
  host: Endpoint,
  identities: readonly Identity[],
  leftOut: readonly string[],
): OfferOutcome {
  const [first] = identities.filter((identity) => identity.kind === 'unusable');
  const message =
    leftOut.length > 0
      ? `no key can be offered to ${host.ssh.user}@${host.address}: ${leftOut.join('; ')}`
      : `no key can be offered to ${host.ssh.user}@${host.address}: ${ABSENT[host.ssh.identitiesOnly ? 'named' : 'any']}`;
  return {
    kind: 'failed',
    failure: {
      code: first?.code ?? 'identity_unusable',
      message: printableLine(message),
      hint:
        first?.hint || 'Set `identity_file` under `ssh:`, or start an agent and `ssh-add` a key.',
    },
  };
}

const ABSENT = {
  any: 'no identity file is named and no agent holds a key',
  named: 'no agent holds the key of an identity file, and `identities_only` allows no other',
} as const;

function describe(name: string, key: ParsedKey): string {
  return printableLine(`${name} (${key.type} ${fingerprint(key.getPublicSSH())})`);
}

async function ask(socket: string): Promise<AgentKeys | Error> {
  try {
    return await askAgent(socket);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function once<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const made = make();
  cache.set(key, made);
  return made;
}
