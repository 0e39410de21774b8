import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';
import type { Lab } from '../../../src/lab/fleet/lab.js';

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A logged-in connection to a practice host, its host key checked against the lab's known_hosts. */
export async function login(
  lab: Lab,
  name: string,
  change: Partial<ssh2.ConnectConfig> = {},
): Promise<ssh2.Client> {
  const host = lab.hosts.find((one) => one.name === name);
  if (host === undefined) throw new Error(`no host ${name}`);
  const recorded = readFileSync(lab.knownHostsFile, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`[${host.address}]:${host.port} `))
    ?.split(' ')[2];
  const client = new ssh2.Client();
  // It may fail again after it was given up.
  client.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({
      host: host.address,
      port: host.port,
      username: lab.user,
      privateKey: readFileSync(lab.identityFile),
      hostVerifier: (key: Buffer) => key.toString('base64') === recorded,
      ...change,
    });
  });
  return client;
}

/** Runs one command; a lost connection leaves `code` and `signal` null. */
export function execOn(client: ssh2.Client, command: string, stdin?: Buffer): Promise<Ended> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let [stdout, stderr] = ['', ''];
      channel.on('data', (data: Buffer) => {
        stdout += data.toString();
      });
      channel.stderr.on('data', (data: Buffer) => {
        stderr += data.toString();
      });
      let [code, signal]: [number | null, string | null] = [null, null];
      channel.on('exit', (status: number | null, name?: string) => {
        [code, signal] = [status, name ?? null];
      });
      channel.on('close', () => resolve({ code, signal, stdout, stderr }));
      channel.end(stdin);
    });
  });
}

/** Logs in, runs one command, logs out. */
export async function runOn(
  lab: Lab,
  name: string,
  command: string,
  stdin?: Buffer,
): Promise<Ended> {
  const client = await login(lab, name);
  try {
    return await execOn(client, command, stdin);
  } finally {
    client.end();
  }
}

/** The properties that `systemctl show` prints, by name. */
export async function showUnit(
  lab: Lab,
  name: string,
  unit = 'shop',
): Promise<Record<string, string>> {
  const { stdout } = await runOn(lab, name, `systemctl show ${unit}`);
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
