import { expect, test } from 'vitest';
import type { DoctorRow } from '../../../../src/ui/reports/doctor/rows.js';
import { doctorLines } from '../../../../src/ui/reports/doctor/text.js';
import { guardLines } from '../../../../src/ui/reports/guard/text.js';
import { createStyle } from '../../../../src/ui/terminal/style.js';

const style = createStyle({ color: false, unicode: true });

const row = (host: string, change: Partial<DoctorRow> = {}): DoctorRow => ({
  host,
  reachable: true,
  stops: [],
  notes: [],
  deadMan: { offered: ['system', 'user', 'process'], used: 'system', off: false },
  guard: true,
  claim: null,
  open: null,
  clockSkewSeconds: 0,
  sudoers: [],
  ...change,
});

test('hosts alike are told of once, what is wrong first', () => {
  const claimed = (host: string, leaseSeconds: number, deadlineSeconds: number) =>
    row(host, {
      stops: [{ code: 'locked', message: 'run r9 of ada@b holds this host', hint: 'wait for it' }],
      claim: { run: 'r9', owner: 'ada@b', leaseSeconds },
      open: { phase: 'linked', from: 'r1', to: 'r2', switch: 'system', deadlineSeconds },
    });
  const sudoers = [
    {
      purpose: 'service',
      line: 'deploy ALL=… stop a.service',
      file: '/etc/sudoers.d/fleet-a-service',
    },
    { purpose: 'dead_man', line: 'deploy ALL=… ^…$', file: '/etc/sudoers.d/fleet-a-timer' },
  ] as const;
  const rows = [
    row('db1', {
      ...{ reachable: false, deadMan: null, guard: null, clockSkewSeconds: null },
      error: { code: 'unreachable', message: 'db1:22 refuses connections' },
    }),
    claimed('web1', 40, 90),
    claimed('web2', 12, 88),
    row('web3', {
      stops: [{ code: 'sudo_password', message: 'sudo wants a password', hint: 'allow it: …' }],
      deadMan: { offered: ['process'], used: 'process', off: false },
      sudoers,
    }),
    ...['web4', 'web5', 'web6'].map((host, i) =>
      row(host, {
        guard: false,
        clockSkewSeconds: -7 - i,
        notes: [
          { code: 'no_guard', message: 'no guard: …' },
          { code: 'clock_skew', message: `its clock is ${7 + i}s behind this machine's` },
        ],
      }),
    ),
    row('web7'),
  ];
  expect(doctorLines(rows, style)).toEqual([
    '✖ db1  db1:22 refuses connections',
    '',
    '✖ web1, web2 (2)  would stop a run:',
    '  ✖ run r9 of ada@b holds this host',
    '    wait for it',
    '  the lease of run r9 is good for 40s more',
    '  phase linked, from r1 to r2',
    "  the dead-man's switch of it fires within 1m 30s",
    "  dead-man's switch: system timer (also offers user timer, process)",
    '  guard: installed',
    '',
    '✖ web3  would stop a run:',
    '  ✖ sudo wants a password',
    "  dead-man's switch: process",
    '  guard: installed',
    '  for sudoers.d there, so that a run may act on the service:',
    '    deploy ALL=… stop a.service',
    '  as root there: write that line, and no other, to /etc/sudoers.d/fleet-a-service.new; then',
    '    cd /etc/sudoers.d && visudo -cf fleet-a-service.new && chmod 440 fleet-a-service.new && mv fleet-a-service.new fleet-a-service',
    '  for sudoers.d there, for the automatic rollback timer as a timer of the system:',
    '    deploy ALL=… ^…$',
    '  as root there: write that line, and no other, to /etc/sudoers.d/fleet-a-timer.new; then',
    '    cd /etc/sudoers.d && visudo -cf fleet-a-timer.new && chmod 440 fleet-a-timer.new && mv fleet-a-timer.new fleet-a-timer',
    '',
    '✔ web[4:6] (3)  nothing would stop a run',
    "  dead-man's switch: system timer (also offers user timer, process)",
    '  ⚠ no guard: …',
    "  ⚠ their clocks differ from this machine's, by up to 9.0s",
    '',
    '✔ web7  nothing would stop a run',
    "  dead-man's switch: system timer (also offers user timer, process)",
    '  guard: installed',
    '',
    '8 hosts: a run would stop at 3, 1 could not be read.',
  ]);
});

test('where a guard may not be installed, an admin is told what to type, once', () => {
  const refused = {
    state: 'refused',
    error: { code: 'sudo_password', message: 'deploy may not', step: 'install_guard', exit: 1 },
    unit: { path: '/etc/systemd/system/fleet-guard-shop.service', lines: ['[Unit]', 'Before=x'] },
  } as const;
  const rows = [
    { host: 'web1', ...refused },
    { host: 'web2', ...refused },
    { host: 'web3', state: 'installed' } as const,
  ];
  expect(guardLines(rows, style)).toEqual([
    '✖ web1, web2  refused: install_guard, exit 1: deploy may not',
    '✔ web3  installed',
    '',
    'As root on web1, web2; then once more --install-guard, which takes note of it:',
    '',
    "cat >/etc/systemd/system/fleet-guard-shop.service <<'END'",
    '[Unit]',
    'Before=x',
    'END',
    'systemctl daemon-reload',
    'systemctl enable fleet-guard-shop.service',
  ]);
});
