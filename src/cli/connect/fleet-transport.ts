import type { Endpoint } from '../../model/hosts/host.js';
import {
  createOpensshTransport,
  type OpensshTransport,
  type OpensshTransportOptions,
} from '../../transport/openssh/transport.js';
import type { Transport } from '../../transport/port.js';
import {
  createSsh2Transport,
  type Ssh2Transport,
  type Ssh2TransportOptions,
} from '../../transport/ssh2/transport.js';

interface FleetTransport extends Transport {
  /** Closes every connection, also those that are being made; no others can be made. Never rejects. */
  close(): Promise<void>;
}

/** Reaches each host as its `ssh.transport` says; a transport that no host uses is not created. */
export function createFleetTransport(
  options: Ssh2TransportOptions & OpensshTransportOptions,
): FleetTransport {
  let ssh2: Ssh2Transport | null = null;
  let openssh: OpensshTransport | null = null;

  function transportOf({ ssh }: Endpoint): Transport {
    switch (ssh.transport) {
      case 'ssh2':
        return ownSsh2();
      case 'openssh':
        openssh ??= createOpensshTransport(options);
        return openssh;
    }
  }

  function ownSsh2(): Ssh2Transport {
    ssh2 ??= createSsh2Transport(options);
    return ssh2;
  }

  return {
    expect(hosts) {
      const dialled = hosts.filter(({ ssh }) => ssh.transport === 'ssh2');
      if (dialled.length > 0) ownSsh2().expect(dialled);
    },
    connect: (host, signal) => transportOf(host).connect(host, signal),
    close: async () => void (await Promise.all([ssh2?.close(), openssh?.close()])),
  };
}
