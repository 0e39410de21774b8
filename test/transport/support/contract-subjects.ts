import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../../../src/lab/fleet/lab.js';
import { createOpensshTransport } from '../../../src/transport/openssh/transport.js';
import { createSsh2Transport } from '../../../src/transport/ssh2/transport.js';
import type { ServerSubject, TransportSubject } from '../../contract/transport-subject.js';
import { type SshdOptions, startSshd } from './real-sshd.js';
import { hostAt, temporaryFolder } from './ssh-server.js';

export const ssh2 = (): ReturnType<TransportSubject['transport']> =>
  createSsh2Transport({ secret: () => Promise.reject(new Error('no secrets in this test')) });

/** Without the ssh_config of whoever runs the tests. */
export const openssh = (): ReturnType<TransportSubject['transport']> =>
  createOpensshTransport({ env: process.env, includes: [] });

/** OpenSSH's own server. */
export function sshdServer(transport: 'ssh2' | 'openssh') {
  const sshd = async (settings: SshdOptions): Promise<ServerSubject> => {
    const { host, log } = await startSshd(settings);
    return {
      host: { ...host, ssh: { ...host.ssh, transport, identitiesOnly: true } },
      logins: () => log.filter((line) => LOGIN.test(line)).length,
    };
  };
  return { server: () => sshd({}), sshd };
}

/** What sshd logs of a client that has come as far as the authentication, however that ended. */
const LOGIN = /^(?:Accepted|Failed|Postponed) |authenticating user/;

/** The server of a practice host. */
export function practiceServer(lab: Lab, transport: 'ssh2' | 'openssh'): ServerSubject {
  const [first] = lab.hosts;
  if (first === undefined) throw new Error('a lab without hosts');
  const known = join(temporaryFolder(), 'known_hosts');
  copyFileSync(lab.knownHostsFile, known);
  const host = hostAt(first.port, {
    user: lab.user,
    identityFiles: [lab.identityFile],
    identitiesOnly: true,
    knownHosts: [known],
    transport,
  });
  return { host, logins: undefined };
}
