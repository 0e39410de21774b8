import type { Duplex } from 'node:stream';
import type { AuthenticationType, Client, ConnectConfig } from 'ssh2';
import ssh2 from 'ssh2';
import type { HostFailure } from '../errors/host-failure.js';
import { printableLine } from '../errors/printable.js';
import type { Host } from '../model/host.js';
import {
  authFailure,
  type ConnectStage,
  endFailure,
  protocolFailure,
  timeoutFailure,
} from './connect-failure.js';
import type { Offer } from './credentials.js';
import type { HostKeyCheck } from './host-key-check.js';

export interface HandshakeOptions {
  readonly host: Host;
  readonly socket: Duplex;
  readonly offer: Offer;
  readonly hostKey: HostKeyCheck;
  /** Told as the connection gets further. */
  readonly onStage: (stage: ConnectStage) => void;
  readonly log: (message: string) => void;
  /** ssh2's own, very long account of the protocol. */
  readonly trace?: ((message: string) => void) | undefined;
  /** Ends the handshake; the caller knows why. */
  readonly signal: AbortSignal;
}

export type HandshakeEnd =
  | { readonly kind: 'ready'; readonly client: Client }
  /** `again`: the server hung up before it could learn who we are, so another try is harmless. */
  | { readonly kind: 'failed'; readonly failure: HostFailure; readonly again: boolean };

/**
 * Speaks SSH over `socket` up to the login. Every end has an outcome: ssh2 emits an error for some,
 * only `close` for a server that hangs up during authentication, and nothing for one that hangs.
 */
export function shakeHands(options: HandshakeOptions): Promise<HandshakeEnd> {
  const { host, socket, offer, signal } = options;
  const client = new ssh2.Client();
  let stage: ConnectStage = 'greeting';
  let settled = false;
  const reach = (next: ConnectStage) => {
    stage = next;
    options.onStage(next);
  };

  return new Promise((resolve) => {
    const settle = (end: HandshakeEnd) => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', onAbort);
      if (end.kind === 'failed') socket.destroy();
      resolve(end);
    };
    const fail = (failure: HostFailure, again = false) =>
      settle({ kind: 'failed', failure, again });
    const onAbort = () => fail(timeoutFailure(host, stage));
    const said = greetingOf(socket, () => reach('key exchange'));
    const login = createLogin({
      offer,
      log: options.log,
      async prepare() {
        const failure = await options.hostKey.record();
        if (failure !== null) fail(failure);
        if (!settled) reach('authentication');
        return !settled;
      },
    });
    const ended = () => {
      if (login.exhausted) return fail(authFailure(host, offer, login));
      fail(endFailure(host, stage, said.text()), stage !== 'authentication');
    };

    client.on('ready', () => settle({ kind: 'ready', client }));
    client.on('banner', (text) => options.log(`banner: ${printableLine(text)}`));
    client.on('error', (error: LevelledError) => {
      if (settled || isPassing(error, login.exhausted))
        return options.log(printableLine(error.message));
      if (login.exhausted || /too many authentication failures/i.test(error.message)) {
        return fail(authFailure(host, offer, login));
      }
      const brokeOff = error.level === 'client-socket' || /^Connection lost/.test(error.message);
      if (brokeOff || isDisconnect(error)) {
        return fail(
          endFailure(host, stage, said.text() || error.message),
          brokeOff && stage !== 'authentication',
        );
      }
      fail(protocolFailure(host, stage, error));
    });
    client.on('end', ended);
    client.on('close', ended);

    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    client.connect(configFor(options, login, (failure) => fail(failure)));
    said.listen();
  });
}

interface LevelledError extends Error {
  readonly level?: string;
  readonly code?: unknown;
}

interface Login {
  readonly methodsLeft: readonly string[] | null;
  readonly exhausted: boolean;
  /** ssh2 asks for the next method; `serverTakes` is null at first. */
  next(serverTakes: readonly string[] | null, answer: Answer): void;
}

type Answer = (method: ssh2.AnyAuthMethod | false) => void;

interface LoginOptions {
  readonly offer: Offer;
  /** What must be done before the first key is offered; answers whether to go on. */
  readonly prepare: () => Promise<boolean>;
  readonly log: (message: string) => void;
}

function createLogin({ offer, prepare, log }: LoginOptions): Login {
  const left = [...offer.methods];
  let methodsLeft: readonly string[] | null = null;
  let exhausted = false;

  function proceed(answer: Answer): void {
    const welcome = methodsLeft === null || methodsLeft.includes('publickey');
    const method = welcome ? left.shift() : undefined;
    exhausted = method === undefined;
    if (method !== undefined) log(`offering ${method.type}`);
    answer(method ?? false);
  }

  return {
    get methodsLeft() {
      return methodsLeft;
    },
    get exhausted() {
      return exhausted;
    },
    next(serverTakes, answer) {
      if (serverTakes !== null) {
        methodsLeft = serverTakes;
        return proceed(answer);
      }
      prepare().then(
        (goOn) => goOn && proceed(answer),
        (error: unknown) => log(String(error)),
      );
    },
  };
}

function configFor(
  { host, socket, hostKey, trace }: HandshakeOptions,
  login: Login,
  refuse: (failure: HostFailure) => void,
): ConnectConfig {
  return {
    sock: socket as NonNullable<ConnectConfig['sock']>,
    username: host.ssh.user,
    // Ours counts from the start of the dialling, and does not mistake a busy loop for a slow host.
    readyTimeout: 0,
    keepaliveInterval: host.ssh.keepaliveMs,
    keepaliveCountMax: KEEPALIVE_MISSES,
    // ssh2's defaults but for these: ssh-rsa signs with SHA-1, and an archive does not shrink twice.
    algorithms: { serverHostKey: [...hostKey.algorithms], compress: ['none'] },
    authHandler: ((
      methodsLeft: AuthenticationType[] | null,
      _partial: boolean | null,
      next: (method: ssh2.AnyAuthMethod | false) => void,
    ) => {
      login.next(methodsLeft, next);
    }) as NonNullable<ConnectConfig['authHandler']>,
    // Answers at once and with a literal: ssh2 takes anything but `false` for a yes.
    hostVerifier: (key: Buffer): boolean => {
      const failure = hostKey.present(key);
      if (failure !== null) refuse(failure);
      return failure === null;
    },
    ...(trace === undefined ? {} : { debug: trace }),
  };
}

/** Errors after which ssh2 goes on to the next key by itself: the agent's, and those of signing. */
function isPassing(error: LevelledError, exhausted: boolean): boolean {
  return !exhausted && (error.level === 'agent' || error.level === 'client-authentication');
}

/** The server's SSH_MSG_DISCONNECT carries its reason as a number. */
function isDisconnect(error: LevelledError): boolean {
  return typeof error.code === 'number';
}

/** What a server says instead of the SSH banner before it hangs up, such as `Exceeded MaxStartups`. */
function greetingOf(socket: Duplex, onFirst: () => void): { text(): string; listen(): void } {
  let text = '';
  return {
    text: () => (text.startsWith('SSH-') ? '' : text),
    // After ssh2 has paused the socket: an earlier listener would make it flow and lose the bytes.
    listen: () =>
      void socket.once('data', (chunk: Buffer) => {
        text = chunk.toString('latin1', 0, 200);
        onFirst();
      }),
  };
}

/** With the interval of `keepalive`, a dead connection is noticed after three intervals, as by ssh. */
const KEEPALIVE_MISSES = 2;
