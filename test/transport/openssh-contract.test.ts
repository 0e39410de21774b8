import { describe } from 'vitest';
import { transportContract } from '../contract/transport.js';
import { practiceLab } from '../practice/practice-lab.js';
import { openssh, practiceServer, sshdServer } from './contract-subjects.js';
import { hasSshd } from './real-sshd.js';

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
