import { isPlainLogin } from '../model/hosts/login.js';
import type { App } from '../model/runs/app.js';

/** The settings of an app that its boot guard depends on. */
export type Guarded = Pick<App, 'name' | 'root' | 'service'>;

/** The unit for a host, or why there can be none. */
export type GuardUnit =
  | { readonly kind: 'unit'; readonly path: string; readonly lines: readonly string[] }
  | { readonly kind: 'none'; readonly why: string };

/** Text that a unit file keeps as it is: nothing that systemd expands or that ends a word. */
const PLAIN_ROOT = /^~?\/[A-Za-z0-9/._@+:,=-]+$/;

/** The first line of the unit, by which fleet recognises its own unit for this root. */
export function guardHead(root: string, user: string): string {
  return `# Written by fleet for ${root.replace(/^~/, `~${user}`)}`;
}

/**
 * The unit that rolls a host back at boot. It is composed of fleet.yaml and the inventory only, since an admin
 * may paste it as root. No unit requires it, so that a failing or hanging guard does not keep the app's units
 * from starting.
 */
export function guardUnit(app: Guarded, user: string): GuardUnit {
  const { name, root, service } = app;
  if (!PLAIN_ROOT.test(root)) {
    return {
      kind: 'none',
      why: `the root ${root} has a character that a unit file cannot contain`,
    };
  }
  if (!isPlainLogin(user)) {
    return {
      kind: 'none',
      why: `the user ${user} has a character that a unit file cannot contain`,
    };
  }
  const system = service.scope === 'system';
  const home = root.startsWith('~/');
  const lines = [
    guardHead(root, user),
    '[Unit]',
    `Description=Rolls ${name} back if the host went down during activation`,
    `Before=${service.units.join(' ')}`,
    ...orderOf(service.units),
    ...(system && !home ? [`RequiresMountsFor=${root}`] : []),
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    ...(system ? [`User=${user}`] : []),
    'TimeoutStartSec=60',
    // systemd gives a unit the HOME of its user.
    `ExecStart=${COMMAND} fleet-guard ${home ? `\${HOME}${root.slice(1)}` : root}`,
    '',
    '[Install]',
    `WantedBy=${system ? 'multi-user.target' : 'default.target'}`,
  ];
  return { kind: 'unit', path: `/etc/systemd/system/fleet-guard-${name}.service`, lines };
}

/** Sockets, timers and paths start before what an ordinary service waits for. */
function orderOf(units: readonly string[]): readonly string[] {
  if (!units.some((unit) => /\.(socket|timer|path)$/.test(unit))) {
    return ['After=nss-user-lookup.target'];
  }
  return [
    'DefaultDependencies=no',
    'After=sysinit.target',
    'Conflicts=shutdown.target',
    'Before=shutdown.target',
  ];
}

/**
 * Runs `guard` of the program that armed. Dollars are doubled for systemd. A host without a state or its program
 * has nothing to roll back.
 */
const COMMAND = `/bin/sh -c '${[
  'f=$$1/.fleet p=; [ -O $$f/state ] || exit 0; ',
  'while IFS= read -r l; do case $$l in program=*) p=$${l#*=} ;; esac; done <$$f/state; ',
  'case $$p in *[!0-9a-f]*) exit 0 ;; esac; ',
  '[ $${#p} -eq 64 ] && [ -O $$f/bin/$$p ] || exit 0; ',
  'exec /bin/sh $$f/bin/$$p step guard root=$$1',
].join('')}'`;
