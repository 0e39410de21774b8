import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { PreparedRelease } from '../../../src/artifact/prepare.js';
import type { Plan } from '../../../src/model/runs/plan.js';
import { deploy, ownership } from '../../host/support/deploy.js';
import { createFakeHost, type FakeHost } from '../../host/support/fake-host.js';
import { type FakeRelease, fakeRelease } from '../../host/support/fake-release.js';

export const UNIT = 'shop.service';
const FIRST = fakeRelease(1);
const SECOND = fakeRelease(2);

/** Where a run of that kind begins, and where it goes to. */
export const MOVES = {
  deploy: { from: FIRST.id, to: SECOND.id },
  rollback: { from: SECOND.id, to: FIRST.id },
} as const;

/** What a deploy sends. */
export const REAL_RELEASE: PreparedRelease = preparedOf(SECOND);

function preparedOf({ meta, payload, archive, manifest }: FakeRelease): PreparedRelease {
  if (archive.manifest === null) throw new Error('the release has a manifest');
  return {
    release: meta,
    format: 'gzip',
    archivePath: '/nowhere',
    bytes: archive.bytes,
    sha256: archive.sha256,
    unpackedBytes: archive.unpacked,
    files: 1,
    warnings: [],
    manifest,
    packedManifest: archive.manifest,
    payload: () => payload,
    dispose: async () => undefined,
  };
}

/** A host as the run before has left it, from which others are copied. */
export async function templateFor(kind: Plan['kind']): Promise<FakeHost> {
  const template = createFakeHost();
  template.unit(UNIT, { cwd: join(template.root, 'current') });
  await install(template, 1, { from: null, to: FIRST });
  if (kind === 'rollback') await install(template, 2, { from: FIRST.id, to: SECOND });
  return template;
}

async function install(host: FakeHost, number: number, move: Parameters<typeof deploy>[2]) {
  const outcome = await deploy(host, ownership(number), move);
  if (outcome.kind !== 'ok') throw new Error(outcome.failure.message);
}

/** Copies of a host, each with a root and units of its own, and its service running. */
export function copiesOf(template: FakeHost, count: number): readonly FakeHost[] {
  return Array.from({ length: count }, () => {
    const host = createFakeHost();
    cpSync(template.root, host.root, { recursive: true, verbatimSymlinks: true });
    host.unit(UNIT, { cwd: join(host.root, 'current') });
    const systemctl = join(host.dir, 'bin/systemctl');
    execFileSync(systemctl, ['start', UNIT], { env: host.env, stdio: 'ignore' });
    return host;
  });
}
