import { isIP, type LookupFunction, Socket, type SocketConnectOpts } from 'node:net';
import { lookUpName } from '../../async/lookup-name.js';
import { reasonOf } from '../../errors/reason.js';

/** How long a server may be silent before its connection counts as dead: drivers would wait for ever. */
const LONGEST_SILENCE_MS = 15_000;
const KEEP_ALIVE_MS = 5_000;

/** The connections of one store. */
export interface Sockets {
  /** One that is not connected yet. */
  create(): Socket;
  /** Ends all of them, whatever they wait for. */
  destroy(): void;
}

export function createSockets(): Sockets {
  const open = new Set<Socket>();
  return {
    create() {
      const socket = new ServerSocket();
      socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
      socket.setTimeout(LONGEST_SILENCE_MS, () => {
        const seconds = LONGEST_SILENCE_MS / 1000;
        const silent = new Error(`the server has not answered for ${seconds} s`);
        socket.destroy(Object.assign(silent, { code: 'ETIMEDOUT' }));
      });
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    destroy() {
      for (const socket of open) socket.destroy();
    },
  };
}

/** Finds the address of a name in a way that does not keep the process: drivers hand over the name as it is written. */
class ServerSocket extends Socket {
  readonly #closed = new AbortController();

  constructor() {
    super();
    this.once('close', () => this.#closed.abort(new Error('the connection was closed')));
  }

  override connect(where: SocketConnectOpts | number | string, ...rest: readonly unknown[]): this {
    const [host] = rest;
    if (typeof where === 'string') return super.connect(where);
    const options = typeof where === 'object' ? where : { port: where, host: String(host) };
    return super.connect({ ...options, lookup: this.#lookup });
  }

  readonly #lookup: LookupFunction = (name, { all }, done) => {
    lookUpName(name, this.#closed.signal).then(
      (address) => {
        const family = isIP(address);
        if (all === true) done(null, [{ address, family }]);
        else done(null, address, family);
      },
      (error: unknown) => {
        const unknown = new Error(reasonOf(error), { cause: error });
        done(Object.assign(unknown, { code: 'ENOTFOUND' }), '', 0);
      },
    );
  };
}
