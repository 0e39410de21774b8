import type { HostFacts } from '../../host/protocol/protocol.js';
import { quotePath } from '../../host/quote.js';
import { isPlainLogin } from '../../model/hosts/login.js';

/** Commands for an admin, built only from fleet.yaml and the inventory; null if a word there is not plain. */

/** Whether an admin becomes root by sudo there; without sudo, the commands are for root. */
export const hasRootBySudo = ({ sudo }: Pick<HostFacts, 'sudo'>): boolean => sudo !== 'absent';

/** Lets a user's systemd outlive the login. */
export function lingerCommand(user: string, bySudo = true): string | null {
  return isPlainLogin(user) ? `${asRoot(bySudo)}loginctl enable-linger ${user}` : null;
}

const asRoot = (bySudo: boolean): string => (bySudo ? 'sudo ' : '(as root) ');

/**
 * Creates the root and makes the user its owner. `-h`, and no `install -d -o`: if the user may write the
 * parent folder, the root may be a link to any other folder, which must not become the user's.
 */
export function makeRootCommand(user: string, root: string, bySudo = true): string | null {
  if (!isPlainLogin(user)) return null;
  const path = quotePath(root, `~${user}`);
  return `${asRoot(bySudo)}mkdir -p ${path} && ${bySudo ? 'sudo ' : ''}chown -h ${user} ${path}`;
}

/** Replaces a `current` that is a folder by a link to it; processes that run from it keep running. */
export function keepFolderCommand(root: string): string {
  const path = quotePath(root);
  return `cd ${path} && mkdir -p releases && mv current releases/before-fleet && ln -s releases/before-fleet current`;
}

/**
 * The file for a line for sudoers: one for each purpose, so that a later line replaces it. `last`: after
 * all other files, as the last rule that matches counts.
 */
export function sudoersFile(
  app: string,
  purpose: 'service' | 'timer' | 'settings' | 'units',
  last: boolean,
): string {
  // Sudo skips file names with a dot.
  return `/etc/sudoers.d/${last ? 'zz-' : ''}fleet-${app.replaceAll('.', '__')}-${purpose}`;
}
