import type { HostFacts, Unread } from '../host/protocol.js';

/** Why a part of what a host was asked for could not be read there; null where it was read. */
export function whyUnread(
  { unread }: Pick<HostFacts, 'unread'>,
  part: Unread['what'],
): string | null {
  return unread.find(({ what }) => what === part)?.why ?? null;
}
