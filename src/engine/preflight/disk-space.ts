import type { HostFailure } from '../../errors/host-failure.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import type { App } from '../../model/runs/app.js';
import { problem } from '../reading/host-problem.js';

const MIB = 1024 * 1024;
/** Disk space that must stay free beside the release, in bytes. */
const DISK_MARGIN = 64 * MIB;
/** Inodes for what fleet itself writes: markers, links, state. */
const INODE_MARGIN = 16;

/** What the run needs of each host. */
export interface Demands {
  readonly app: App;
  /** Bytes on disk of archive and unpacked release; 0 where nothing is sent to this host. */
  readonly diskBytes: number;
  /** How many files and folders that is. */
  readonly inodes?: number | undefined;
}

/** Whether a host has room for the release: space, and inodes. */
export function judgeDisk(facts: HostFacts, demands: Demands): readonly HostFailure[] {
  return [...judgeSpace(facts, demands), ...judgeInodes(facts, demands)];
}

/** What it has of interrupted uploads counts as room: it is part of this archive, or it is deleted first. */
function judgeSpace(facts: HostFacts, { app, diskBytes }: Demands): readonly HostFailure[] {
  const need = diskBytes === 0 ? 0 : diskBytes + DISK_MARGIN;
  const have = facts.partial.reduce((sum, { bytes }) => sum + bytes, facts.freeBytes);
  if (have >= need) return [];
  const words = `${Math.floor(have / MIB)} MiB free under ${app.root}, ${Math.ceil(need / MIB)} MiB needed`;
  return [problem('disk_full', words, 'make room there')];
}

function judgeInodes(facts: HostFacts, { app, inodes = 0 }: Demands): readonly HostFailure[] {
  const { freeInodes } = facts;
  const need = inodes + INODE_MARGIN;
  if (freeInodes === null || freeInodes >= need) return [];
  const hint = 'delete files there that are not needed; df -i shows how many there are';
  const words =
    freeInodes < INODE_MARGIN
      ? `no inodes left under ${app.root}: there are too many files`
      : `${freeInodes} inodes left under ${app.root}, ${need} needed: there are too many files`;
  return [problem('disk_full', words, hint)];
}
