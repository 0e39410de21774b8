import type { BaseImage } from './base-image.js';

/** What a fleet is made of. Everything but `count` has a default that suits most tests. */
export interface RealFleetOptions {
  /** Hosts to boot, 1 to 240; they are called h01, h02, … */
  readonly count: number;
  /** `/opt/<app>` is made, owned by `deploy`. Default: `shop`. */
  readonly app?: string;
  /**
   * systemd unit files by name. Those with `WantedBy=multi-user.target` are enabled, but not started:
   * they come up at the next boot. Default: `<app>.service`, see {@link defaultUnit}.
   */
  readonly units?: Readonly<Record<string, string>>;
  /** What `deploy` may do by `sudo -n`; `false` is nothing. Default: the five verbs on `units`. */
  readonly sudo?: SudoGrant | false;
  /** Lines for sshd_config; they win over the lab's own (`MaxStartups 3:100:3`, say). */
  readonly sshd?: readonly string[];
  /** What Debian the hosts are. Default: this machine's own. A new one takes a minute more. */
  readonly base?: BaseImage;
  /** Changes the root file system of each host, before its first boot. */
  readonly change?: (rootfs: string) => Promise<void>;
  /** Gives `deploy` a lingering user manager (logind, pam_systemd). Makes boot and logins slower. */
  readonly userManager?: boolean;
  /** Where hosts keep what they write: `memory` (fsync is free) or `disk`. Default: `memory`. */
  readonly storage?: 'memory' | 'disk';
  /**
   * Gives `/opt/<app>` of each host a file system of its own of so many MiB, which can be filled
   * without filling anything else. It stays over reboots. Default: none.
   */
  readonly volumeMiB?: number;
}

/** Sudo rights beyond nothing. */
export interface SudoGrant {
  /** Units that may be started, stopped, restarted, reloaded and reset. Default: all of the fleet's. */
  readonly units?: readonly string[];
  /** Also `systemd-run` with any arguments. */
  readonly systemdRun?: boolean;
  /** More lines for the sudoers file, as they are. */
  readonly extra?: readonly string[];
}

/** Runs `bin/start` of the current release as `deploy`, and leaves it dead when it dies. */
export function defaultUnit(app: string): string {
  return `[Unit]
Description=${app}

[Service]
User=deploy
WorkingDirectory=/opt/${app}/current
ExecStart=/opt/${app}/current/bin/start
Restart=no

[Install]
WantedBy=multi-user.target
`;
}

/** The text of the sudoers file, empty when nothing is granted. */
export function sudoersText(grant: SudoGrant | false, fleetUnits: readonly string[]): string {
  if (grant === false) return '';
  const verbs = ['start', 'stop', 'restart', 'reload', 'reset-failed'];
  const commands = (grant.units ?? fleetUnits).flatMap((unit) =>
    verbs.map((verb) => `/usr/bin/systemctl ${verb} ${unit}`),
  );
  const switches = grant.systemdRun ? ['/usr/bin/systemd-run *'] : [];
  const lines = [...commands, ...switches].map(
    (command) => `deploy ALL=(root) NOPASSWD: ${command}`,
  );
  return [...lines, ...(grant.extra ?? []), ''].join('\n');
}
