import type { Duplex } from 'node:stream';
import type { AuthenticationType, Client, ConnectConfig } from 'ssh2';
import ssh2 from 'ssh2';
import { createFirstEnd } from '../../async/first-end.js';
import type { LoopShare } from '../../async/loop-share.js';
import type { HostFailure } from '../../errors/host-failure.js';
import { printableLine } from '../../errors/printable.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { algorithmsFor } from '../algorithms/algorithms.js';
import type { ServerOffer } from '../algorithms/server-offer.js';
import { findMismatch } from '../algorithms/server-weakness.js';
import {
  authFailure,
  type ConnectStage,
  endFailure,
  mismatchFailure,
  protocolFailure,
  timeoutFailure,
  tooManyKeysFailure,
} from '../connect/failure.js';
import type { Offer } from '../keys/credentials.js';
import type { HostKeyCheck } from '../known-hosts/check.js';
import { guardParse } from './guarded-parse.js';
import { loginAtOnce, passOverHostKeys } from './internals.js';
import { createLogin, type Login } from './login.js';
import { createServerGreeting } from './server-greeting.js';
import { mayOfferAtOnce, offerSigned } from './signed-offer.js';

export interface HandshakeOptions {
  readonly host: Endpoint;
  readonly socket: Duplex;
  readonly offer: Offer;
  readonly hostKey: HostKeyCheck;
  readonly share: LoopShare;
  /** Called as the connection gets further. */
  readonly onStage: (stage: ConnectStage) => void;
  readonly log: (message: string) => void;
  /** ssh2's own, very long protocol log. */
  readonly trace?: ((message: string) => void) | undefined;
  /** Ends the handshake; the caller knows why. */
  readonly signal: AbortSignal;
}

export type HandshakeEnd =
  | { readonly kind: 'ready'; readonly client: Client; readonly server: ServerOffer | null }
  /** `again`: the server hung up before it could learn who we are, so another try is harmless. */
  | { readonly kind: 'failed'; readonly failure: HostFailure; readonly again: boolean };

/**
 * Speaks SSH over `socket` up to the login. Every end has an outcome: ssh2 emits an error for some, only
 * `close` if a server hangs up during authentication, and nothing if one hangs.
 */
export function shakeHands(options: HandshakeOptions): Promise<HandshakeEnd> {
  const { host, socket, signal, log } = options;
  const end = createFirstEnd<HandshakeEnd>();
  const fail = (failure: HostFailure, again = false) =>
    end.settle({ kind: 'failed', failure, again });
  let stage: ConnectStage = 'greeting';
  const reach = (next: ConnectStage) => {
    stage = next;
    options.onStage(next);
  };
  const login = createLogin({
    offer: options.offer,
    log,
    async prepare() {
      if (end.over) return false;
      const failure = await options.hostKey.record();
      if (failure !== null) fail(failure);
      if (!end.over) reach('authentication');
      return !end.over;
    },
  });
  const greeting = createServerGreeting(() => reach('key exchange'));
  const judged = (error: LevelledError | null) =>
    judgeEnd(error, {
      ...options,
      stage,
      login,
      greeting: greeting.text() || banner,
      server: greeting.offer(),
    });

  let banner = '';
  let unguard = (): void => {};
  let serviceAccepted = (): boolean => true;
  const client = new ssh2.Client();
  client.on('ready', () => {
    // The host key would not be recorded then, and could be another one each time.
    if (!login.begun || !serviceAccepted()) return fail(protocolFailure(host, stage, UNASKED));
    unguard();
    end.settle({ kind: 'ready', client, server: greeting.offer() });
  });
  client.on('banner', (text) => {
    // sshd also sends as a banner why PAM refuses all logins, e.g. /run/nologin.
    banner = text.slice(0, BANNER_LENGTH);
    log(`banner: ${printableLine(text)}`);
  });
  client.on('error', (error: LevelledError) => {
    if (end.over || isPassing(error, login.exhausted)) log(printableLine(error.message));
    else end.settle(judged(error));
  });
  client.on('end', () => end.settle(judged(null)));
  client.on('close', () => end.settle(judged(null)));
  const abort = () => fail(timeoutFailure(host, stage));
  signal.addEventListener('abort', abort);
  end.onOver(() => signal.removeEventListener('abort', abort));
  if (signal.aborted) fail(timeoutFailure(host, stage));
  else {
    client.connect(configFor(options, login, fail));
    offerSigned(client, options.offer.own);
    passOverHostKeys(client);
    if (mayLoginAtOnce(options)) serviceAccepted = loginAtOnce(client);
    unguard = guardParse({ client, socket, share: options.share });
  }
  greeting.listen(socket);
  return end.result.then((outcome) => {
    if (outcome.kind === 'failed') socket.destroy();
    return outcome;
  });
}

/** Not where the login records a host key: that waits for a server that answers. */
const mayLoginAtOnce = ({ host, offer }: HandshakeOptions): boolean =>
  host.ssh.hostKeys === 'strict' && mayOfferAtOnce(offer);

interface EndContext extends HandshakeOptions {
  readonly stage: ConnectStage;
  readonly login: Login;
  /** The server's last text for people: in place of SSH, or before the login. */
  readonly greeting: string;
  readonly server: ServerOffer | null;
}

/** What an error of ssh2 means; null is an end without one. */
function judgeEnd(error: LevelledError | null, context: EndContext): HandshakeEnd {
  const { host, offer, stage, login, greeting, server } = context;
  const failed = (failure: HostFailure, again = false): HandshakeEnd => ({
    kind: 'failed',
    failure,
    again,
  });
  const message = error?.message ?? '';
  if (login.exhausted) return failed(authFailure(host, offer, login));
  if (/too many authentication failures/i.test(message)) {
    return failed(tooManyKeysFailure(host, offer));
  }
  const brokeOff =
    error === null || error.level === 'client-socket' || message.startsWith('Connection lost');
  if (brokeOff || isDisconnect(error)) {
    // Not after a protocol disconnect: the server had its reason, and will have it again.
    const again = brokeOff && stage !== 'authentication';
    return failed(endFailure(host, stage, greeting || message), again);
  }
  const mismatch = server === null ? null : findMismatch(server);
  return failed(
    mismatch === null || !/no matching/i.test(message)
      ? protocolFailure(host, stage, error)
      : mismatchFailure(host, mismatch),
  );
}

interface LevelledError extends Error {
  readonly level?: string;
  readonly code?: unknown;
}

function configFor(
  { host, socket, hostKey, trace }: HandshakeOptions,
  login: Login,
  refuse: (failure: HostFailure) => void,
): ConnectConfig {
  return {
    sock: socket as NonNullable<ConnectConfig['sock']>,
    username: host.ssh.user,
    // fleet's own timeout starts with the dialling, and does not mistake a busy loop for a slow host.
    readyTimeout: 0,
    keepaliveInterval: host.ssh.keepaliveMs,
    // ssh2 ends at the interval after so many; ssh counts that one too. The first is still pending.
    keepaliveCountMax: Math.max(1, (host.ssh.keepaliveCount ?? KEEPALIVE_COUNT) - 1),
    algorithms: algorithmsFor(hostKey.algorithms),
    authHandler: ((
      methodsLeft: AuthenticationType[] | null,
      partial: boolean | null,
      next: (method: ssh2.AnyAuthMethod | false) => void,
    ) => {
      login.next({ takes: methodsLeft, partial: partial === true }, next);
    }) as NonNullable<ConnectConfig['authHandler']>,
    // Answers at once and with a literal: ssh2 takes anything but `false` as a yes.
    hostVerifier: (key: Buffer): boolean => {
      const failure = hostKey.present(key);
      if (failure !== null) refuse(failure);
      return failure === null;
    },
    ...(trace === undefined ? {} : { debug: trace }),
  };
}

/** Errors after which ssh2 goes on to the next key: of the agent, and of signing. */
function isPassing(error: LevelledError, exhausted: boolean): boolean {
  return !exhausted && (error.level === 'agent' || error.level === 'client-authentication');
}

/** The server's SSH_MSG_DISCONNECT carries its reason as a number. */
function isDisconnect(error: LevelledError): boolean {
  return typeof error.code === 'number';
}

const UNASKED = new Error('it reports a login although no key was offered');
const KEEPALIVE_COUNT = 3;
const BANNER_LENGTH = 500;
