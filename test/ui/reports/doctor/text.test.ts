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

test('equal hosts are shown once, problems first', () => {
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
      stops: [{ code: 'sudo_password', message: 'sudo asks for a password', hint: 'allow it: …' }],
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
    '  locked by run r9, its lease expires in 40s',
    '  unfinished: phase linked, from r1 to r2',
    '  automatic rollback is due within 1m 30s',
    '  automatic rollback timer: system timer (also possible: user timer, process)',
    '  boot guard: installed',
    '',
    '✖ web3  would stop a run:',
    '  ✖ sudo asks for a password',
    '  automatic rollback timer: process',
    '  boot guard: installed',
    '  add to sudoers.d, so that a run may control the service:',
    '    deploy ALL=… stop a.service',
    '  as root on the host: write only this line to /etc/sudoers.d/fleet-a-service.new, then',
    '    cd /etc/sudoers.d && visudo -cf fleet-a-service.new && chmod 440 fleet-a-service.new && mv fleet-a-service.new fleet-a-service',
    '  add to sudoers.d, so that a run may use the system timer for the automatic rollback:',
    '    deploy ALL=… ^…$',
    '  as root on the host: write only this line to /etc/sudoers.d/fleet-a-timer.new, then',
    '    cd /etc/sudoers.d && visudo -cf fleet-a-timer.new && chmod 440 fleet-a-timer.new && mv fleet-a-timer.new fleet-a-timer',
    '',
    '✔ web[4:6] (3)  nothing would stop a run',
    '  automatic rollback timer: system timer (also possible: user timer, process)',
    '  ⚠ no guard: …',
    "  ⚠ their clocks differ from this machine's, by up to 9.0s",
    '',
    '✔ web7  nothing would stop a run',
    '  automatic rollback timer: system timer (also possible: user timer, process)',
    '  boot guard: installed',
    '',
    '8 hosts: a run would stop at 3, 1 could not be read.',
  ]);
});

test('if fleet may not install a boot guard, it shows once what an admin types', () => {
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
    'Type as root on web1, web2; then run --install-guard again, which records it:',
    '',
    "cat >/etc/systemd/system/fleet-guard-shop.service <<'END'",
    '[Unit]',
    'Before=x',
    'END',
    'systemctl daemon-reload',
    'systemctl enable fleet-guard-shop.service',
  ]);
});
