import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Below the range from which the kernel takes ports for outgoing connections. */
const FIRST = 20_000;
const LAST = 32_000;

/** Ports to try in turn, from a random one on, so that two labs rarely collide. */
export function* candidatePorts(): Generator<number, never> {
  const start = randomInt(FIRST, LAST);
  for (let step = 0; ; step++) yield FIRST + ((start - FIRST + step) % (LAST - FIRST));
}

/** Listens on the first of `ports` that is free; 127.0.0.1 only. */
export async function listenOnFree(
  server: Server,
  ports: Iterator<number, never>,
): Promise<number> {
  for (let tries = 0; tries < LAST - FIRST; tries++) {
    const port = ports.next().value;
    if (await listenOn(server, port)) return port;
  }
  throw new Error(`no port between ${FIRST} and ${LAST} is free on 127.0.0.1`);
}

/** False if the port is taken; any other error is thrown. */
export function listenOn(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off('listening', onListening);
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    };
    const onListening = (): void => {
      server.off('error', onError);
      resolve(true);
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen(port, '127.0.0.1');
  });
}

/** A port on which an app may listen later: free now, and given out once. */
export async function freePort(ports: Iterator<number, never>): Promise<number> {
  const server = createServer();
  const port = await listenOnFree(server, ports);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
