import { describe } from 'vitest';
import { transportContract } from '../../contract/transport.js';
import { practiceLab } from '../../lab/support/practice-lab.js';
import { openssh, practiceServer, sshdServer } from '../support/contract-subjects.js';
import { hasSshd } from '../support/real-sshd.js';

describe.skipIf(!hasSshd)('openssh', () => {
  transportContract("to OpenSSH's sshd", { transport: openssh, ...sshdServer('openssh') });
});

describe('openssh', () => {
  const practice = practiceLab({ hosts: 1 });
  transportContract('to a practice host', {
    transport: openssh,
    server: async () => practiceServer(practice.lab, 'openssh'),
  });
});
