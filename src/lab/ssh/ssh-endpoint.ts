import type { ChildProcess } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey } from 'ssh2';
import type { Faults } from '../fault.js';
import { listenOn, listenOnFree } from './port-search.js';
import { type SessionOptions, serveSession } from './session.js';

export interface EndpointOptions {
  readonly hostKey: string;
  readonly user: string;
  readonly clientKey: ParsedKey;
  readonly faults: Faults;
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onProcess: (child: ChildProcess) => void;
}

/** The SSH server of one practice host, on a port of its own. */
export class SshEndpoint {
  readonly #options: EndpointOptions;
  readonly #ssh: ssh2.Server;
  readonly #sockets = new Set<Socket>();
  /** The sockets that ssh2 serves, by their peer. */
  readonly #callers = new Map<string, Socket>();
  #listener: Server;
  #port = 0;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.#ssh = new ssh2.Server({ hostKeys: [options.hostKey], ident: 'fleet-practice' });
    // It reports a client only once that has named itself; others may have come by then, or it has gone.
    this.#ssh.on('connection', (client, { ip, port }) => {
      const socket = this.#callers.get(callerOf(ip, port));
      if (socket === undefined) client.end();
      else this.#serve(client, socket);
    });
    this.#listener = this.#makeListener();
  }

  get port(): number {
    return this.#port;
  }

  async listen(ports: Iterator<number, never>): Promise<void> {
    this.#port = await listenOnFree(this.#listener, ports);
  }

  /** Listens again on the port it had, after {@link close}. */
  async reopen(): Promise<void> {
    if (this.#listener.listening) return;
    this.#listener = this.#makeListener();
    if (!(await listenOn(this.#listener, this.#port)))
      throw new Error(`port ${this.#port} was taken while the host was down`);
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #makeListener(): Server {
    return createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
      socket.setNoDelay(true);
      if (this.#options.faults.has('hang')) return;
      const caller = callerOf(socket.remoteAddress, socket.remotePort);
      this.#callers.set(caller, socket);
      socket.once('close', () => this.#callers.delete(caller));
      this.#ssh.injectSocket(socket);
    });
  }

  #serve(client: Connection, socket: Socket): void {
    const gone = new Set<() => void>();
    socket.once('close', () => {
      for (const callback of gone) callback();
    });
    client.on('error', () => {});
    client.on('authentication', (attempt) => this.#authenticate(attempt));
    client.on('ready', () => {
      const options = this.#sessionOptions(socket, gone);
      client.on('session', (accept) => serveSession(accept(), options));
    });
  }

  #authenticate(attempt: AuthContext): void {
    const { faults, user, clientKey } = this.#options;
    const known =
      !faults.has('refuse-logins') &&
      attempt.username === user &&
      attempt.method === 'publickey' &&
      attempt.key.algo === clientKey.type &&
      attempt.key.data.equals(clientKey.getPublicSSH()) &&
      // Without a signature the client only asks if this key would be accepted.
      (attempt.signature === undefined ||
        clientKey.verify(attempt.blob ?? Buffer.alloc(0), attempt.signature, attempt.hashAlgo) ===
          true);
    if (known) attempt.accept();
    else attempt.reject(['publickey']);
  }

  #sessionOptions(socket: Socket, gone: Set<() => void>): SessionOptions {
    const { faults, home, environment, onProcess } = this.#options;
    return {
      home,
      environment,
      onProcess,
      fault: (kind, command) => {
        const on = faults.get(kind);
        const match = on?.match ?? (kind === 'drop-mid-step' ? 'activate' : '');
        return on !== undefined && command.includes(match) ? on : undefined;
      },
      drop: () => socket.destroy(),
      onGone: (callback) => {
        if (socket.destroyed) callback();
        else gone.add(callback);
        return () => void gone.delete(callback);
      },
    };
  }
}

const callerOf = (address: string | undefined, port: number | undefined): string =>
  `${address}:${port}`;
