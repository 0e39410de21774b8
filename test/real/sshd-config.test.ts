import { expect, it } from 'vitest';
import { sshdConfigText } from './support/sshd-config.js';

it('leaves out what the test sets itself, however it spells it', () => {
  const text = sshdConfigText(['maxstartups 3:100:3', 'PermitTTY no']);
  expect(text).toMatch(/^maxstartups 3:100:3\nPermitTTY no\n/);
  expect(text).toContain('\nUseDNS no\n');
  expect(text).not.toContain('500:30:1000');
});
