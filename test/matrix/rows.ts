import { defaultUnit } from '../real/support/options.js';
import { ENABLE_LINGER } from './foreign-host.js';
import type { Row } from './row.js';
import {
  applets,
  bsdtar,
  doas,
  dropbear,
  file,
  lingering,
  loginShell,
  shell,
  sudoers,
  sudoRs,
  tinysshd,
  uutils,
  without,
} from './variants.js';

const UNIT = defaultUnit('shop');
const works = { kind: 'works' } as const;
const pasted = { kind: 'works', paste: true } as const;
const none = { sudo: false } as const;
/** Where sudo takes no line for the timer, the login's own systemd is the way, once it lingers. */
const noneYet = { sudo: false, userManager: true } as const;

/** What `npm test` tries too: three that need no other base than the lab's own. */
const IN_EVERY_TEST = new Set([
  'sudo by password, and something else without',
  'a target alone',
  'a socket and its service',
]);

export const everyTestRows = (): readonly Row[] =>
  ROWS.filter(({ name }) => IN_EVERY_TEST.has(name));

/** By suite, so that hosts of one base stand together. */
export const ROWS: readonly Row[] = [
  { name: 'Debian 12, the rights that doctor prints', host: none, expect: pasted },
  {
    name: 'Debian 11, the rights that doctor prints',
    suite: 'bullseye',
    variants: [lingering(false)],
    host: noneYet,
    expect: pasted,
  },
  {
    name: 'Debian 11, lingering',
    suite: 'bullseye',
    host: { userManager: true },
    expect: works,
  },
  {
    name: 'Debian 11 with /bin beside /usr/bin',
    suite: 'bullseye',
    splitUsr: true,
    variants: [lingering(false)],
    host: noneYet,
    expect: pasted,
  },
  { name: 'Debian 13, the rights that doctor prints', suite: 'trixie', host: none, expect: pasted },
  { name: 'Debian sid, the rights that doctor prints', suite: 'sid', host: none, expect: pasted },
  {
    name: 'sid with rust-coreutils, sudo-rs and lingering, as Ubuntu',
    suite: 'sid',
    variants: [uutils, sudoRs],
    host: { userManager: true },
    expect: works,
  },
  {
    name: 'sudo-rs of Debian 13',
    suite: 'trixie',
    variants: [lingering(false), sudoRs],
    host: noneYet,
    expect: pasted,
  },
  { name: 'rust-coreutils 0.0.30', suite: 'trixie', variants: [uutils], expect: works },
  { name: 'busybox', suite: 'trixie', variants: [applets('busybox')], expect: works },
  { name: 'toybox', suite: 'trixie', variants: [applets('toybox')], expect: works },
  {
    name: 'toybox with flock and tar of others',
    suite: 'trixie',
    variants: [applets('toybox', ['flock', 'tar'])],
    expect: works,
  },
  { name: 'bsdtar', suite: 'trixie', variants: [bsdtar], expect: works },
  {
    name: 'no flock',
    suite: 'trixie',
    variants: [without('flock')],
    expect: { kind: 'refused', says: /flock/ },
  },
  { name: 'mksh as /bin/sh', suite: 'trixie', variants: [shell('mksh')], expect: works },
  {
    // It sees no names of files that are not in the characters of its locale.
    name: 'yash as /bin/sh',
    suite: 'sid',
    variants: [shell('yash'), file('etc/default/locale', 'LANG=C.UTF-8\n')],
    expect: works,
  },
  { name: 'fish as login shell', suite: 'trixie', variants: [loginShell('fish')], expect: works },
  {
    name: 'sudo by password, and something else without',
    variants: [sudoers('deploy ALL=(ALL) ALL', 'deploy ALL=(root) NOPASSWD: /usr/bin/true')],
    host: none,
    expect: pasted,
  },
  {
    name: 'requiretty',
    variants: [sudoers('Defaults requiretty')],
    expect: {
      kind: 'refused',
      says: /requiretty/,
      remedy: 'echo "Defaults:deploy !requiretty" >/etc/sudoers.d/zzz',
    },
  },
  {
    name: 'doas in the place of sudo',
    suite: 'trixie',
    variants: [doas],
    expect: { kind: 'refused', says: /doas/ },
  },
  {
    name: 'a target alone',
    config: { service: { unit: 'shop.target' } },
    host: {
      units: {
        'shop.service': UNIT.replace('[Unit]', '[Unit]\nPartOf=shop.target').replace(
          'WantedBy=multi-user.target',
          'WantedBy=shop.target',
        ),
        'shop.target': '[Unit]\nWants=shop.service\n[Install]\nWantedBy=multi-user.target\n',
      },
    },
    expect: works,
  },
  {
    name: 'a socket and its service',
    config: { service: { unit: ['shop.socket', 'shop.service'] } },
    host: {
      units: {
        'shop.service': UNIT,
        'shop.socket':
          '[Socket]\nListenStream=127.0.0.1:9090\n[Install]\nWantedBy=multi-user.target\n',
      },
    },
    expect: works,
  },
  {
    name: 'a unit of the user without lingering',
    variants: [
      lingering(false),
      file('etc/systemd/user/mine.service', UNIT.replace('User=deploy\n', '')),
    ],
    config: { service: { unit: 'mine.service', scope: 'user' } },
    host: { sudo: false, userManager: true },
    watched: 'user@1000.service',
    expect: {
      kind: 'refused',
      says: /sudo loginctl enable-linger deploy/,
      remedy: ENABLE_LINGER,
    },
  },
  { name: 'dropbear', suite: 'trixie', variants: [dropbear], expect: works },
  { name: 'tinysshd', suite: 'trixie', variants: [tinysshd], expect: works },
];

/** What the base image of a suite holds: all that any row of it needs, so that there is one of each. */
export function packagesOf(suite: string | undefined): readonly string[] {
  const rows = ROWS.filter((row) => row.suite === suite);
  return [...new Set(rows.flatMap(({ variants = [] }) => variants.flatMap((v) => v.packages)))];
}
