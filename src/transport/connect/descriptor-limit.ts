import { readdirSync, readFileSync } from 'node:fs';
import { FleetError } from '../../errors/fleet-error.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { countText } from '../../model/text/count-text.js';

/**
 * Throws `descriptor_limit` if this process may not open a socket for each endpoint, besides what it has open
 * and the files of a run. Node raises its own limit to the hard limit at start.
 */
export function checkDescriptors(endpoints: readonly Endpoint[], limits = readLimits()): void {
  if (limits === null) return;
  const places = endpoints.map(({ address, ssh }) => JSON.stringify([ssh.user, address, ssh.port]));
  const needed = new Set(places).size + limits.open + MARGIN;
  if (needed <= limits.most) return;
  const connections = countText(new Set(places).size, 'connection');
  const message = `${connections} need ${needed} file descriptors in all, but this process may have only ${limits.most}`;
  throw new FleetError('descriptor_limit', message, {
    hint: `Raise the limit with \`ulimit -n ${needed}\`, or select fewer hosts with --limit.`,
  });
}

interface DescriptorLimits {
  readonly open: number;
  readonly most: number;
}

/** Null if the system does not tell; Linux does in /proc. */
function readLimits(): DescriptorLimits | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined
      ? null
      : { open: readdirSync('/proc/self/fd').length, most: Number(soft) };
  } catch {
    return null;
  }
}

/** The history, the journal, release files, pipes of local commands, a second name server's socket. */
const MARGIN = 64;
