import type { ConnectStage } from '../connect/failure.js';

/** What `ssh` printed on stderr, as far as needed to tell how it ended. */
export interface OpensshAccount {
  hear(line: string): void;
  readonly stage: ConnectStage;
  /** The last lines for people. */
  readonly said: readonly string[];
  /** The host key presented, as `type SHA256:…`. */
  readonly hostKey: string | null;
  /** The keys offered, by file or comment, with their fingerprints. */
  readonly offered: readonly string[];
  /** The last key that the server would have accepted. */
  readonly accepted: string | null;
  /** Whether the server accepted a key and needs something in addition. */
  readonly partial: boolean;
}

/** `ssh` must run in the C locale and with LogLevel DEBUG1. */
export function createOpensshAccount(): OpensshAccount {
  const said: string[] = [];
  const offered: string[] = [];
  let stage: ConnectStage = 'dialling';
  let [hostKey, accepted]: [string | null, string | null] = [null, null];

  let partial = false;

  function hearDebug(line: string): void {
    const reached = STAGES.find(({ sign }) => line.startsWith(sign));
    if (reached !== undefined && !isPast(stage, reached.stage)) stage = reached.stage;
    const [, presented] = /^Server host key: (\S+ \S+)/.exec(line) ?? [];
    const [, banner] = /^kex_exchange_identification: banner line \d+: (.*)/.exec(line) ?? [];
    const [, offer] = /^Offering public key: (.*?)(?: (?:explicit|agent|token))*$/.exec(line) ?? [];
    const [, taken] = /^Server accepts key: (.*?)(?: (?:explicit|agent|token))*$/.exec(line) ?? [];
    hostKey = presented ?? hostKey;
    accepted = taken ?? accepted;
    if (offer !== undefined) offered.push(offer);
    if (banner !== undefined) say(banner);
  }

  function say(line: string): void {
    said.push(line);
    if (said.length > KEPT_LINES) said.shift();
  }

  return {
    hear(line) {
      const [, debug] = /^debug\d: (.*)/.exec(line) ?? [];
      if (debug !== undefined) return hearDebug(debug);
      partial ||= PARTIAL.test(line);
      if (line.trim() !== '' && !CHATTER.test(line)) say(line);
    },
    get stage() {
      return stage;
    },
    get hostKey() {
      return hostKey;
    },
    get accepted() {
      return accepted;
    },
    get partial() {
      return partial;
    },
    said,
    offered,
  };
}

const CHATTER = /^(?:Authenticated to|Transferred:|Bytes per second:) /;

const STAGES: readonly { readonly sign: string; readonly stage: ConnectStage }[] = [
  { sign: 'Connection established', stage: 'greeting' },
  { sign: 'Remote protocol version', stage: 'key exchange' },
  { sign: 'SSH2_MSG_NEWKEYS received', stage: 'authentication' },
  { sign: 'Authentications that can continue', stage: 'authentication' },
];

const ORDER: readonly ConnectStage[] = ['dialling', 'greeting', 'key exchange', 'authentication'];

/** Keys are exchanged again later. */
function isPast(stage: ConnectStage, other: ConnectStage): boolean {
  return ORDER.indexOf(stage) > ORDER.indexOf(other);
}

const KEPT_LINES = 40;

const PARTIAL = /^Authenticated using "[^"]*" with partial success/;
