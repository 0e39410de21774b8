import * as z from 'zod';
import { TOOLS } from '../../../model/adopt/tool.js';
import { RELEASE_STANDINGS } from '../../../model/releases/release.js';
import { failure, names, releaseId, schemaVersion, time } from '../../json/parts.js';
import { ADOPT_STATES } from './rows.js';

/** What `adopt` prints. */
export const adopt = z.strictObject({
  schemaVersion,
  app: z.string(),
  group: z.string(),
  dryRun: z.boolean(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      state: z.enum(ADOPT_STATES),
      tool: z.enum(TOOLS).nullable().describe('the tool that made its releases'),
      relink: z.boolean().describe('`current` becomes, or became, a relative link'),
      releases: z.array(
        z.strictObject({
          id: releaseId,
          name: z.string().describe('the name of its folder'),
          commit: z.string().nullable(),
          deployedAt: time.nullable(),
          deployer: z.string().nullable(),
          state: z.enum(RELEASE_STANDINGS),
          current: z.boolean(),
          known: z.boolean().describe('fleet has it in its records already'),
          digest: z
            .string()
            .nullable()
            .describe('sha256 of the list of its files; null if that was not made'),
        }),
      ),
      left: z
        .array(z.strictObject({ name: z.string(), reason: z.string() }))
        .describe('folders that are no release for fleet'),
      error: failure.optional(),
    }),
  ),
  shared: z.strictObject({
    found: names.describe('shared paths of the current releases; folders end in a slash'),
    missing: names.describe('those that fleet.yaml lacks'),
    extra: names.describe('those of fleet.yaml that the releases lack'),
  }),
  differing: names.describe('releases whose content is not the same on all hosts'),
});

export type AdoptJson = z.infer<typeof adopt>;
