import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { reasonOf } from '../../errors/reason.js';
import { type Lab, startLab } from '../fleet/lab.js';
import type { ControlReply, ControlRequest, RunningLab } from './control-protocol.js';
import { socketPath } from './lab-folder.js';

/**
 * The process behind `fleet lab up`: `node daemon.js DIR HOSTS APP`. It sends `ready` to its parent over IPC, then serves
 * the socket in the folder until it is asked to stop.
 */
const [dir = '', hosts = '', app = ''] = process.argv.slice(2);
const lab = await startLab({
  dir,
  hosts: Number(hosts),
  app,
  shared: { '.env': 'SHOP_PORT=@PORT@\n' },
});
const server = createServer((socket) => serve(socket));
server.listen(socketPath(lab.dir), () => {
  process.send?.('ready');
  if (process.connected) process.disconnect();
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end());

function serve(socket: Socket): void {
  socket.on('error', () => {});
  createInterface({ input: socket }).once('line', (line) => void reply(socket, line));
}

async function reply(socket: Socket, line: string): Promise<void> {
  const request = JSON.parse(line) as ControlRequest;
  const text = JSON.stringify(await answer(request));
  socket.end(`${text}\n`, () => {
    if (request.op === 'down') process.exit(0);
  });
}

async function answer(request: ControlRequest): Promise<ControlReply> {
  try {
    if (request.op === 'fault') {
      const { host, kind, on, ms, match } = request;
      await lab.fault(host, kind, on, { ms, match });
    }
    const status = describe(lab);
    if (request.op === 'down') await lab.stop();
    return { ok: true, status };
  } catch (error) {
    return { ok: false, message: reasonOf(error) };
  }
}

async function end(): Promise<void> {
  await lab.stop();
  process.exit(0);
}

function describe(running: Lab): RunningLab {
  const looks = new Map(running.look().map((look) => [look.name, look]));
  return {
    pid: process.pid,
    dir: running.dir,
    user: running.user,
    inventoryFile: running.inventoryFile,
    identityFile: running.identityFile,
    knownHostsFile: running.knownHostsFile,
    hosts: running.hosts.map((host) => ({
      faults: [],
      units: [],
      ...looks.get(host.name),
      ...host,
    })),
  };
}
