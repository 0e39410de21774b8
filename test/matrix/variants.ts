import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { mustRun } from '../real/support/command.js';

/** One way in which a host differs from the lab's own, laid over its files before the first boot. */
export interface Variant {
  /** Debian packages that it needs. */
  readonly packages: readonly string[];
  readonly apply: (rootfs: string) => Promise<void>;
}

const BIN_FOLDERS = ['usr/bin', 'usr/sbin'];
/** What a host could not boot or be looked at without. */
const NEVER_REPLACED = new Set(
  `init login su sulogin reboot halt poweroff mount umount passwd toybox busybox nologin modprobe
   mdev ip bash sed grep getty sysctl`.split(/\s+/),
);

/** The rust programs under the names of coreutils, as Ubuntu has had them since 25.10. */
export const uutils: Variant = {
  packages: ['rust-coreutils'],
  async apply(rootfs) {
    for (const name of readdirSync(join(rootfs, 'usr/lib/cargo/bin/coreutils'))) {
      replace(rootfs, name, `/usr/lib/cargo/bin/coreutils/${name}`);
    }
  },
};

/** sudo-rs as sudo, as Ubuntu has had it since 25.10. */
export const sudoRs: Variant = {
  packages: ['sudo-rs'],
  async apply(rootfs) {
    link(rootfs, 'usr/bin/sudo', '/usr/lib/cargo/bin/sudo');
    link(rootfs, 'usr/sbin/visudo', '/usr/lib/cargo/bin/visudo');
  },
};

/** Every applet of busybox or toybox in the place of the program, but for those in `keep`. */
export function applets(box: 'busybox' | 'toybox', keep: readonly string[] = []): Variant {
  return {
    packages: [box],
    async apply(rootfs) {
      const list = box === 'busybox' ? ['--list'] : [];
      const names = await mustRun('chroot', [rootfs, box, ...list]);
      for (const name of names.split(/\s+/)) {
        if (name !== '' && !NEVER_REPLACED.has(name) && !keep.includes(name)) {
          replace(rootfs, name, `/usr/bin/${box}`);
        }
      }
    },
  };
}

export const bsdtar: Variant = {
  packages: ['libarchive-tools'],
  apply: async (rootfs) => replace(rootfs, 'tar', '/usr/bin/bsdtar'),
};

/** Another program as /bin/sh. */
export function shell(name: string, program = name): Variant {
  return {
    packages: [name],
    apply: async (rootfs) => link(rootfs, 'usr/bin/sh', `/usr/bin/${program}`),
  };
}

/** A login shell of the deploy user. */
export function loginShell(name: string): Variant {
  return {
    packages: [name],
    apply: async (rootfs) => {
      await mustRun('chroot', [rootfs, 'usermod', '--shell', `/usr/bin/${name}`, 'deploy']);
    },
  };
}

/** A file, by its path from the root; root's, and readable for all unless told. */
export function file(path: string, text: string, mode = 0o644): Variant {
  return {
    packages: [],
    async apply(rootfs) {
      const target = join(rootfs, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
      chmodSync(target, mode);
    },
  };
}

export function sudoers(...lines: readonly string[]): Variant {
  return file('etc/sudoers.d/team', `${lines.join('\n')}\n`, 0o440);
}

export function without(...names: readonly string[]): Variant {
  return {
    packages: [],
    async apply(rootfs) {
      for (const folder of [...BIN_FOLDERS, 'bin', 'sbin']) {
        for (const name of names) rmSync(join(rootfs, folder, name), { force: true });
      }
    },
  };
}

/** What comes with the packages of other rows, and would be in the way on this one. */
export const unwanted: Variant = {
  packages: [],
  async apply(rootfs) {
    for (const name of ['tinysshd.socket', 'dropbear.service', 'ssh.socket']) {
      link(rootfs, `etc/systemd/system/${name}`, '/dev/null');
    }
  },
};

/** doas in the place of sudo. */
export const doas: Variant = {
  packages: ['opendoas'],
  async apply(rootfs) {
    await without('sudo').apply(rootfs);
    await file('etc/doas.conf', 'permit nopass deploy\n').apply(rootfs);
  },
};

/** tinysshd, one process a connection, with the host's own key in the place of OpenSSH's server. */
export const tinysshd: Variant = {
  packages: ['tinysshd'],
  async apply(rootfs) {
    const keys = join(rootfs, 'etc/tinyssh/k');
    const { seedAndPublic, publicKey } = ed25519Of(join(rootfs, 'etc/ssh/ssh_host_ed25519_key'));
    mkdirSync(keys, { recursive: true });
    writeFileSync(join(keys, '.ed25519.sk'), seedAndPublic, { mode: 0o600 });
    writeFileSync(join(keys, 'ed25519.pk'), publicKey);
    maskSshd(rootfs);
    await unit(
      'lab-ssh.socket',
      '[Socket]\nListenStream=22\nAccept=yes\nExecStartPost=/bin/touch /run/sshd.pid\n',
      'sockets.target',
    ).apply(rootfs);
    const program = '/usr/sbin/tinysshd -l -v /etc/tinyssh/k';
    await unit(
      'lab-ssh@.service',
      `[Service]\nExecStart=-${program}\nStandardInput=socket\nStandardError=journal\nKillMode=process\n`,
    ).apply(rootfs);
  },
};

/** dropbear with the host's own key, in the place of OpenSSH's server. */
export const dropbear: Variant = {
  packages: ['dropbear-bin'],
  async apply(rootfs) {
    maskSshd(rootfs);
    await unit(
      'lab-ssh.service',
      `[Service]
ExecStartPre=/bin/mkdir -p /etc/dropbear
ExecStartPre=/usr/bin/dropbearconvert openssh dropbear /etc/ssh/ssh_host_ed25519_key /etc/dropbear/k
ExecStart=/usr/sbin/dropbear -F -E -s -r /etc/dropbear/k
ExecStartPost=/bin/touch /run/sshd.pid
KillMode=process
`,
      'multi-user.target',
    ).apply(rootfs);
  },
};

/** A unit file, wanted by `target` from the first boot on where one is named. */
function unit(name: string, text: string, target?: string): Variant {
  return {
    packages: [],
    async apply(rootfs) {
      const folder = 'etc/systemd/system';
      await file(`${folder}/${name}`, text).apply(rootfs);
      if (target !== undefined) link(rootfs, `${folder}/${target}.wants/${name}`, `../${name}`);
    },
  };
}

/** The deploy user's own systemd starts with the machine, or no more. */
export function lingering(wanted: boolean): Variant {
  const marker = 'var/lib/systemd/linger/deploy';
  if (wanted) return file(marker, '');
  return {
    packages: [],
    apply: async (rootfs) => rmSync(join(rootfs, marker), { force: true }),
  };
}

function maskSshd(rootfs: string): void {
  for (const name of ['ssh.service', 'ssh.socket', 'tinysshd.socket', 'dropbear.service']) {
    link(rootfs, `etc/systemd/system/${name}`, '/dev/null');
  }
}

/** The program of that name, wherever the host has it. */
function replace(rootfs: string, name: string, by: string): void {
  for (const folder of BIN_FOLDERS) {
    const path = join(folder, name);
    if (!isThere(join(rootfs, path)) || `/${path}` === by) continue;
    if (!existsSync(join(rootfs, folder, `gnu${name}`))) {
      renameSync(join(rootfs, path), join(rootfs, folder, `gnu${name}`));
    }
    link(rootfs, path, by);
  }
}

function link(rootfs: string, path: string, target: string): void {
  const place = join(rootfs, path);
  mkdirSync(dirname(place), { recursive: true });
  rmSync(place, { force: true });
  symlinkSync(target, place);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The two halves of a key without passphrase in OpenSSH's own form, see its PROTOCOL.key. */
function ed25519Of(path: string): { seedAndPublic: Buffer; publicKey: Buffer } {
  const base64 = readFileSync(path, 'utf8').replaceAll(/-----.*-----|\s/g, '');
  const blob = Buffer.from(base64, 'base64');
  const at = blob.lastIndexOf('ssh-ed25519') + 'ssh-ed25519'.length;
  const publicKey = blob.subarray(at + 4, at + 36);
  return { publicKey, seedAndPublic: blob.subarray(at + 40, at + 104) };
}
