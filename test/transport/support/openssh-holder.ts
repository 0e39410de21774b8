import type { Host } from '../../../src/model/hosts/host.js';
import { createOpensshTransport } from '../../../src/transport/openssh/transport.js';

/** A controller that connects to the hosts of its argument, says so, and is there until it is killed. */
const hosts: readonly Host[] = JSON.parse(process.argv[2] ?? '[]');
const transport = createOpensshTransport({ env: process.env, includes: [] });
const connecting = hosts.map((host) => transport.connect(host));
const [first] = await Promise.all(connecting.slice(0, 1));
process.stdout.write(`${first?.kind}\n`);
setInterval(() => {}, 60_000);
