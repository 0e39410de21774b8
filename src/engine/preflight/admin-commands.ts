import type { HostFacts } from '../../host/protocol/protocol.js';
import { quotePath } from '../../host/quote.js';
import { isPlainLogin } from '../../model/hosts/login.js';

/** Commands for an admin, of words that fleet.yaml and the inventory have; null where they have odd ones. */

/** Whether an admin becomes root by sudo there; where there is none, the commands are for root. */
export const hasRootBySudo = ({ sudo }: Pick<HostFacts, 'sudo'>): boolean => sudo !== 'absent';

/** Gives a user a systemd that outlives the login. */
export function lingerCommand(user: string, bySudo = true): string | null {
  return isPlainLogin(user) ? `${asRoot(bySudo)}loginctl enable-linger ${user}` : null;
}

const asRoot = (bySudo: boolean): string => (bySudo ? 'sudo ' : '(as root) ');

/**
 * Makes the root and gives it to the user. `-h`, and no `install -d -o`: where the user may write the
 * folder above, the root may be a link to any other folder, which must not become the user's.
 */
export function makeRootCommand(user: string, root: string, bySudo = true): string | null {
  if (!isPlainLogin(user)) return null;
  const path = quotePath(root, `~${user}`);
  return `${asRoot(bySudo)}mkdir -p ${path} && ${bySudo ? 'sudo ' : ''}chown -h ${user} ${path}`;
}

/** Makes a link of a `current` that is a folder; what runs from it runs on. */
export function keepFolderCommand(root: string): string {
  const path = quotePath(root);
  return `cd ${path} && mkdir -p releases && mv current releases/before-fleet && ln -s releases/before-fleet current`;
}

/**
 * Where a line for sudoers goes: a file of its own, so that a later line takes its place. `last`: behind
 * the files that are there, as the last rule that matches counts.
 */
export function sudoersFile(
  app: string,
  purpose: 'service' | 'timer' | 'settings',
  last: boolean,
): string {
  // Sudo passes over names with a dot.
  return `/etc/sudoers.d/${last ? 'zz-' : ''}fleet-${app.replaceAll('.', '__')}-${purpose}`;
}
