import type { KnownPublicKeys, ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2';
import ssh2 from 'ssh2';

/** The keys of an agent, asked for once and shared by all hosts of a run. */
export interface AgentKeys {
  readonly keys: readonly ParsedKey[];
  /** An ssh2 agent that offers these keys alone. */
  offering(keys: readonly ParsedKey[]): ssh2.BaseAgent<ParsedKey>;
}

/** Rejects with the agent's error, or after five seconds of silence. */
export async function askAgent(socketPath: string): Promise<AgentKeys> {
  const agent = new ssh2.OpenSSHAgent(socketPath);
  const keys = await new Promise<readonly ParsedKey[]>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the agent does not answer')), ANSWER_MS);
    agent.getIdentities((error, found) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve((found ?? []).flatMap(parsedKey));
    });
  });
  return { keys, offering: (offered) => new OfferingAgent(agent, offered) };
}

/** The types allow other forms; ssh2's own agent returns parsed keys. */
function parsedKey(entry: KnownPublicKeys<ParsedKey>[number]): ParsedKey[] {
  return typeof entry === 'object' && 'getPublicSSH' in entry ? [entry] : [];
}

/** ssh2 recognises agents by this base class, and would ask the agent again for every connection. */
class OfferingAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: ssh2.OpenSSHAgent;
  readonly #keys: readonly ParsedKey[];

  constructor(agent: ssh2.OpenSSHAgent, keys: readonly ParsedKey[]) {
    super();
    this.#agent = agent;
    this.#keys = keys;
  }

  override getIdentities(callback: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    callback(null, [...this.#keys]);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, callback);
  }
}

const ANSWER_MS = 5000;
