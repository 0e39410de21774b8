import type { Undeletable } from '../../host/protocol/undeletable.js';
import { quotePath } from '../../host/quote.js';
import type { ReleaseId } from '../../model/names.js';

export interface UndeletablePlace {
  /** The app's root, as fleet.yaml has it. */
  readonly root: string;
  /** The login user, whose home a root in `~/` is below. */
  readonly user: string;
  /** Releases that may be deleted: no command is shown for any other. */
  readonly old: readonly ReleaseId[];
}

/**
 * What could not be deleted on a host, and the command for an admin. It is composed of the root in the
 * config and a name that fleet itself gives.
 */
export function undeletableText(found: Undeletable, place: UndeletablePlace): string {
  const { path, reason } = found;
  const what = `${place.root}/${path} cannot be deleted and stays: ${reason}`;
  return mayGo(path, place.old) ? `${what}; ${remedyFor(found, place)}` : what;
}

function remedyFor({ path, what }: Undeletable, place: UndeletablePlace): string {
  const word = quotePath(`${place.root}/${path}`, `~${place.user}`);
  switch (what) {
    case 'owner':
    case 'other':
      return `there: sudo rm -rf ${word}`;
    case 'immutable':
      return `there: sudo chattr -R -i ${word} && sudo rm -rf ${word}`;
    case 'mount':
      // `rm` would also delete what is on the mounted file system.
      return 'unmount that there, and the next run deletes it';
    default:
      return what satisfies never;
  }
}

/** Leftovers of unpacking or deleting, and old releases; never what the app may run from. */
function mayGo(path: string, old: readonly ReleaseId[]): boolean {
  return path.startsWith('releases/.tmp-') || old.some((id) => path === `releases/${id}`);
}
