import type { Mutation } from '../mutation.js';

const WORST = 'test/security/handshake-worst-parameters.test.ts';
const FLOODS = 'test/security/handshake-floods.test.ts';
const CONFIG = 'test/security/ssh-config-options.test.ts';

/** What a stranger can do before a host has proven who it is, and what an ssh_config can turn off. */
export const SECURITY_KEX_MUTATIONS: readonly Mutation[] = [
  {
    name: 'handshake: no group exchange',
    protects: 'no key exchange whose parameters a stranger chooses',
    file: 'src/transport/algorithms/algorithms.ts',
    find: "  'diffie-hellman-group16-sha512',\n",
    without: "  'diffie-hellman-group16-sha512',\n" + "  'diffie-hellman-group-exchange-sha256',\n",
    noticedBy: [`${WORST} > none of the key exchanges that are offered leaves its parameters`],
  },
  {
    name: 'handshake: bytes before the login',
    protects: 'a peer that does not stop is hung up on',
    file: 'src/transport/ssh2/guarded-parse.ts',
    find: 'if (heard > MOST_BYTES) {',
    without: 'if (heard < 0) {',
    noticedBy: [`${FLOODS} > SSH_MSG_IGNORE`],
  },
  {
    name: 'login: one signature for one question',
    protects: 'a server cannot have a key sign thousands of times in one turn of the loop',
    file: 'src/transport/ssh2/signed-offer.ts',
    find: "    if (algorithms.has(algorithm)) throw new Error('it asked for one signature twice');\n",
    without: '',
    noticedBy: [`${FLOODS} > has it sign once`],
  },
  {
    name: 'login: not done before a key was shown',
    protects: 'a new host key is recorded before anything is sent there',
    file: 'src/transport/ssh2/handshake.ts',
    find: '    if (!login.begun || !serviceAccepted()) return fail(protocolFailure(host, stage, UNASKED));\n',
    without: '',
    noticedBy: [`${FLOODS} > a server that calls the login done before a key was shown`],
  },
  {
    name: 'login: not done before its service was accepted',
    protects: 'a login that goes out at once is believed only of a server that has read it',
    file: 'src/transport/ssh2/handshake.ts',
    find: '!login.begun || !serviceAccepted()',
    without: '!login.begun',
    noticedBy: [`${FLOODS} > nor where its key is known, so that the login goes out at once`],
  },
  {
    name: 'login: nothing is recorded after the end',
    protects: 'a host that was refused is not in known_hosts',
    file: 'src/transport/ssh2/handshake.ts',
    find: '      if (end.over) return false;\n      const failure',
    without: '      const failure',
    noticedBy: [`${FLOODS} > a server that calls the login done before a key was shown`],
  },
  {
    name: 'openssh: no KnownHostsCommand',
    protects: 'no host keys but those of known_hosts',
    file: 'src/transport/openssh/options.ts',
    find: "  ['KnownHostsCommand', 'none'],\n",
    without: '',
    noticedBy: [`${CONFIG} > KnownHostsCommand`],
  },
  {
    name: 'openssh: not in the background',
    protects: 'no ssh outlives the command',
    file: 'src/transport/openssh/options.ts',
    find: "  ['ForkAfterAuthentication', 'no'],\n",
    without: '',
    noticedBy: [`${CONFIG} > sends no ssh to the background`],
  },
  {
    name: 'openssh: no delegation',
    protects: 'a host gets no ticket of ours',
    file: 'src/transport/openssh/options.ts',
    find: "  ['GSSAPIDelegateCredentials', 'no'],\n",
    without: '',
    noticedBy: [`${CONFIG} > delegates no ticket`],
  },
  {
    name: 'openssh: an option is left out only where ssh does not know it',
    protects: 'an ssh that could not be asked is not trusted to have no KnownHostsCommand',
    file: 'src/transport/openssh/options.ts',
    find: 'resolve(error === null || !/bad configuration option/i.test(stderr));',
    without: 'resolve(error === null);',
    noticedBy: [`${CONFIG} > an option that the ssh of this machine does not know is left out`],
  },
];
