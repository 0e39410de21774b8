import type { Mutation } from '../mutation.js';

const KEYS = 'test/transport/ssh2/ssh2-keys.test.ts';
const EXEC = 'test/transport/ssh2/ssh2-exec.test.ts';

/** Who is spoken to, and what an end of a connection or a command counts as. */
export const TRANSPORT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'host key: what is not recorded',
    protects: 'no verifier: any key accepted',
    file: 'src/transport/known-hosts/check.ts',
    find: "if (verdict.kind !== 'known' && !isNew) return",
    without: "if (verdict.kind === 'revoked') return",
    noticedBy: [`${KEYS} > a host key that is unknown is refused`],
  },
  {
    name: 'host key: enrolled only where asked for',
    protects: 'nothing but an explicit accept-new enrols',
    file: 'src/transport/known-hosts/check.ts',
    find: "verdict.kind === 'unknown' && isRecording(host)",
    without: "verdict.kind === 'unknown'",
    noticedBy: [`${KEYS} > a host key that is unknown is refused`],
  },
  {
    name: 'host key: a literal false',
    protects: 'ssh2: only a literal false denies',
    file: 'src/transport/ssh2/handshake.ts',
    find: '      if (failure !== null) refuse(failure);\n' + '      return failure === null;',
    without: '      return (async () => failure === null)() as unknown as boolean;',
    noticedBy: [`${KEYS} > a host key that changed is refused`],
  },
  {
    name: 'host key: the same through the connection',
    protects: 'a key exchange in the middle is with the same server',
    file: 'src/transport/known-hosts/check.ts',
    find: 'if (accepted !== null) return accepted.equals(key) ? null : explain(host, key, CHANGED);',
    without: 'if (accepted !== null) return null;',
    noticedBy: [
      'test/transport/known-hosts/check.test.ts > is the only one that the connection takes',
    ],
  },
  {
    name: 'host key: judged again once recorded',
    protects: 'two programs that record at once do not both win',
    file: 'src/transport/known-hosts/check.ts',
    find: "return verdict.kind === 'known' ? null : explain(host, key, verdict);\n    },\n  };",
    without: 'return null;\n    },\n  };',
    noticedBy: [`${KEYS} > that another program recorded meanwhile decides`],
  },
  {
    name: 'host key: revoked',
    protects: 'changed or @revoked is always refused',
    file: 'src/transport/known-hosts/known-hosts.ts',
    find: "      if (by !== undefined) return { kind: 'revoked', by };\n",
    without: '',
    noticedBy: [`${KEYS} > a host key that is revoked is refused`],
  },
  {
    name: 'jump host: no login there by the key of another',
    protects: 'a jump host is verified and logged in to as the host behind it says',
    file: 'src/transport/connect/jump-key.ts',
    find: 'JSON.stringify([address, login,',
    without: 'JSON.stringify([address, login.user,',
    noticedBy: ['test/transport/jump-sharing.test.ts > by another identity file'],
  },
  {
    name: 'retry: never once a login has begun',
    protects: 'ansible#86325: PerSourcePenalties count each try',
    file: 'src/transport/ssh2/handshake.ts',
    find: "const again = brokeOff && stage !== 'authentication';",
    without: 'const again = brokeOff;',
    noticedBy: [
      'test/transport/ssh2/ssh2-connect.test.ts > hangs up during authentication is named, and is not tried again',
    ],
  },
  {
    name: 'packets: memory is used again once it was written',
    protects: 'a packet is not overwritten while it waits in the socket',
    file: 'src/transport/ssh2/packet-memory.ts',
    find: 'if (socket.writableLength === 0) used = 0;',
    without: 'used = 0;',
    noticedBy: [
      'test/transport/ssh2/packet-memory.test.ts > a packet lies in the memory of the last one',
    ],
  },
  {
    name: 'packets: none is formed while keys are exchanged',
    protects: 'an upload goes on after an exchange of keys',
    file: 'src/transport/ssh2/packet-memory.ts',
    find: 'size < LARGE_BYTES || isExchangingKeys()',
    without: 'size < LARGE_BYTES',
    noticedBy: ['test/transport/ssh2/packet-memory.test.ts > and if keys are exchanged again'],
  },
  {
    name: 'exec: no exit code is no success',
    protects: 'sshkit#554: killed by a signal, counted as success',
    file: 'src/transport/channel/exec.ts',
    find: 'if (exit !== null && exit.code !== null) {',
    without: 'if (exit !== null) {',
    noticedBy: [`${EXEC} > that a signal killed is no success`],
  },
  {
    name: 'exec: an end without any exit',
    protects: 'node-ssh#421: killed commands resolve as success',
    file: 'src/transport/channel/exec.ts',
    find: "end.settle({ kind: 'lost', message: printableLine(message), ...texts });",
    without: "end.settle({ kind: 'exited', code: 0, ...texts });",
    noticedBy: [`${EXEC} > that ends without an exit code is lost`],
  },
  {
    name: 'openssh: not recorded is not gone on with',
    protects: 'ssh goes on with a new host key that it could not write down',
    file: 'src/transport/openssh/master.ts',
    find: 'if (isUnrecorded(account)) {',
    without: 'if (false) {',
    noticedBy: [
      'test/transport/openssh/openssh-contract.test.ts > that cannot be recorded is not gone on with',
    ],
  },
  {
    name: 'openssh: killed controllers leave no ssh',
    protects: 'a control master outlives who started it, with a way into every host',
    file: 'src/transport/openssh/reaper.ts',
    find: 'all TERM\n[ "$pids" = \' \' ]||sleep 1\nall KILL\n',
    without: '',
    noticedBy: ['test/transport/openssh/openssh-killed.test.ts > leaves no ssh behind'],
  },
  {
    name: 'openssh: a hop that is gone is not gone around',
    protects: 'a jump host is verified by its own settings, once',
    file: 'src/transport/openssh/config.ts',
    find: "    ['ProxyCommand', 'false'],\n",
    without: '',
    noticedBy: [
      'test/transport/openssh/config.test.ts > a jump host that was lost is not gone around',
    ],
  },
  {
    name: 'channel: a signal is no exit',
    protects: 'sshkit#554: killed by a signal, counted as success',
    file: 'src/transport/channel/conversation.ts',
    find: "if (signal !== undefined) return { kind: 'signalled', signal };",
    without: "if (signal !== undefined) return { kind: 'exited', code: 0 };",
    noticedBy: ['test/transport/ssh2/ssh2-conversation.test.ts > tells of a signal'],
  },
  {
    name: 'quote: fish and csh',
    protects: 'a login shell that is no sh is given exactly the text',
    file: 'src/host/quote.ts',
    find: String.raw`/['\\!]/g`,
    without: "/'/g",
    noticedBy: ['test/host/quote.test.ts > a backslash and a `!` stand outside of quotes'],
  },
];
