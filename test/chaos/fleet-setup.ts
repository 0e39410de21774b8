import type { RealFleet } from '../real/support/real-fleet.js';
import { bootRealFleet } from '../real/support/real-fleet.js';
import type { RealHost } from '../real/support/real-host.js';

/** How a host's dead-man timer is held; see docs/host-program.md. */
export type Tier = 'system' | 'user' | 'process';

/** A host of the chaos fleet. */
export interface ChaosHost {
  readonly host: RealHost;
  readonly name: string;
  /** The app's folder, as this machine sees it. */
  readonly root: string;
  readonly tier: Tier;
  /** It has the unit that takes an unconfirmed host back at boot. */
  readonly guarded: boolean;
}

/** MiB of the file system of /opt/shop: above the 64 that a deploy wants free, and soon filled. */
const VOLUME_MIB = 96;

/** What `fleet doctor --install-guard` takes, as it says itself where it is missing. */
const GUARD_RIGHTS = [
  'tee /etc/systemd/system/fleet-guard-shop.service',
  'systemctl daemon-reload',
  'systemctl enable fleet-guard-shop.service',
].map((command) => `deploy ALL=(root) NOPASSWD: /usr/bin/${command}`);

/** No timer by sudo any more, so that the user's manager is next, or a process where there is none. */
const NO_SYSTEM_TIMERS = "sed -i '/systemd-run/d' /etc/sudoers.d/deploy";
const USER_MANAGER = `
ln -sf /lib/systemd/system/systemd-logind.service /etc/systemd/system/systemd-logind.service
echo 'session optional pam_systemd.so' >> /etc/pam.d/common-session
mkdir -p /var/lib/systemd/linger && touch /var/lib/systemd/linger/deploy
systemctl daemon-reload
systemctl start systemd-logind user@1000.service`;

/** Boots the hosts, and lets some of them offer less than the others. */
export async function bootChaosFleet(
  count: number,
  guards: boolean,
): Promise<{ readonly fleet: RealFleet; readonly hosts: readonly ChaosHost[] }> {
  const fleet = await bootRealFleet({
    count,
    sudo: { systemdRun: true, extra: GUARD_RIGHTS },
    volumeMiB: VOLUME_MIB,
  });
  const hosts = fleet.hosts.map((host, index) => ({
    host,
    name: host.name,
    root: `${host.rootfs}/opt/shop`,
    tier: tierOf(index),
    guarded: guards && index % 2 === 1,
  }));
  try {
    for (const host of hosts) await restrict(host);
  } catch (error) {
    await fleet.shutdown();
    throw error;
  }
  return { fleet, hosts };
}

function tierOf(index: number): Tier {
  if (index % 4 === 2) return 'user';
  return index % 4 === 3 ? 'process' : 'system';
}

async function restrict({ host, tier }: ChaosHost): Promise<void> {
  if (tier === 'system') return;
  const script = tier === 'user' ? `${NO_SYSTEM_TIMERS}; ${USER_MANAGER}` : NO_SYSTEM_TIMERS;
  const { code, stderr } = await host.run(script);
  if (code !== 0)
    throw new Error(`${host.name} cannot be made a host of ${tier} timers: ${stderr}`);
}
