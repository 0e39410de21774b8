import { describe } from 'vitest';
import { transportContract } from '../../contract/transport.js';
import { practiceLab } from '../../lab/support/practice-lab.js';
import { practiceServer, ssh2, sshdServer } from '../support/contract-subjects.js';
import { hasSshd } from '../support/real-sshd.js';

describe.skipIf(!hasSshd)('ssh2', () => {
  transportContract("to OpenSSH's sshd", { transport: ssh2, ...sshdServer('ssh2') });
});

describe('ssh2', () => {
  const practice = practiceLab({ hosts: 1 });
  transportContract('to a practice host', {
    transport: ssh2,
    server: async () => practiceServer(practice.lab, 'ssh2'),
  });
});
